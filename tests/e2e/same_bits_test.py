#!/usr/bin/python3
"""The weights do not depend on how many slots compute them, how many shards hold them, or on where a run was stopped."""
import shlex
import signal

from driving.program import SMALL, WINDS, Training, check, fulmar, train

# Both have more than two chunks of 16384 floats, so that three shards hold something each.
WIDE_NETWORK = {"model.channels": "[64, 64]", "stop.updates": 12}
WIDE_LINEAR = {"model": '{kind="linear"}', "data.longitude": "[100, 257.5]", "stop.updates": 12}
WINDS_SHORT = {"stop.epochs": 2, "checkpoint": "{every_rounds=10}"}

runs = 0


def trained(*words):
    """Trains into a directory of its own; what the last line says."""
    global runs
    runs += 1
    summary = train(*words, {"run.directory": f"run-{runs}"})
    check(summary["completed"], "not completed:", summary)
    return summary


def all_agree(name, config, overrides, ways):
    expected = trained(config, overrides, "--slots", 1, {"policy.shards": 1})
    print(f"{name}: {expected['parameters']} parameters, {expected['weights_sha256']}", flush=True)
    for slots, shards in ways:
        found = trained(config, overrides, "--slots", slots, {"policy.shards": shards})
        check(found["weights_sha256"] == expected["weights_sha256"],
              f"{name}: other weights with {slots} slots and {shards} shards: {found['weights_sha256']}")
        check(found["evaluation"] == expected["evaluation"], name, "scores differ:", found["evaluation"])
        check(found["version"] == expected["version"], name, "ended at another version:", found["version"])


def another_seed_gives_other_weights():
    """Otherwise equal hashes prove nothing."""
    one, two = (trained(SMALL, {"run.seed": seed})["weights_sha256"] for seed in (1, 2))
    check(one != two, "two seeds gave the same weights")


def stopped_by(number, name):
    """Stops a training by a signal once it moves. The exit is clean, and the command that it prints goes on to the end.
    The weights of that."""
    directory = f"stopped by {name}"  # with spaces, as the printed command must quote them
    with Training(WINDS, WINDS_SHORT, {"run.directory": directory}, progress="lines") as training:
        training.wait_for_text("round  1/22")
        training.send(number)
        ended = training.end(0)
    check("stopping with a checkpoint" in ended.err, name, "was not acknowledged:", ended.err)
    summary = ended.json()
    check(not summary["completed"] and 0 < summary["version"] < 22, name, "did not stop the run midway:", summary)
    latest = fulmar("inspect", directory, "--json").json()
    check(latest["version"] == summary["version"], "the last checkpoint is not the state it stopped in:", latest)
    check(latest["weights_sha256"] == summary["weights_sha256"], "the hash is not the checkpoint's:", latest)
    program, *words = shlex.split(ended.err.splitlines()[-1].partition("go on with: ")[2])
    check(program == "fulmar", "it does not say how to go on:", ended.err)
    return fulmar(*words, "--json").json()["weights_sha256"]


def second_signal_ends_at_once(number):
    """With rounds so long that the second signal comes before the first one's checkpoint."""
    long_rounds = {"policy": "{leaf_size=42, leaves=2}", "run.directory": "twice"}
    with Training(WINDS, long_rounds, progress="lines") as training:
        training.wait_for_text("round  1/60")
        training.send(number)
        training.wait_for_text("stopping with a checkpoint")
        training.send(number)
        training.end(128 + number, seconds=10)


def main():
    another_seed_gives_other_weights()
    all_agree("cnn", SMALL, WIDE_NETWORK, [(2, 3), (3, 1)])
    all_agree("linear", SMALL, WIDE_LINEAR, [(2, 1), (3, 3)])
    all_agree("leaves of three samples", SMALL, {"policy.leaf_size": 3}, [(2, 1), (3, 3)])
    all_agree("task A2", WINDS, WINDS_SHORT, [(2, 1), (3, 3)])

    undisturbed = trained(WINDS, WINDS_SHORT)["weights_sha256"]
    for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")):
        found = stopped_by(number, name)
        check(found == undisturbed, f"other weights after {name} and --resume: {found} instead of {undisturbed}")
        print(f"{name}, resumed: the same weights", flush=True)
    second_signal_ends_at_once(signal.SIGINT)


main()
