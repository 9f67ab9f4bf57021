#!/usr/bin/python3
"""Killed at moments drawn from a printed seed and resumed each time, a run ends with the undisturbed run's weights.

FULMAR_SEED replays the moments, FULMAR_KILLS says how many there are (3), FULMAR_EPOCHS how long the run is (6).
The first kill comes before the first checkpoint, one inside the writing of a checkpoint, the others anywhere between.
"""
import os
import random
import sys
from pathlib import Path

from driving.program import WINDS, Training, check, fulmar, train

SEED = int(os.environ.get("FULMAR_SEED", random.SystemRandom().randrange(2**32)))
KILLS = int(os.environ.get("FULMAR_KILLS", "3"))
EPOCHS = int(os.environ.get("FULMAR_EPOCHS", "6"))
ROUNDS_PER_EPOCH = 11  # 84 months of training, 8 in a round
EVERY_ROUNDS = 7
CONFIG = {"stop.epochs": EPOCHS, "checkpoint": f"{{every_rounds={EVERY_ROUNDS}, keep=3}}"}


def checkpoints(run):
    """The versions of a run's finished checkpoints."""
    return sorted(int(path.name) for path in Path(run, "checkpoints").glob("[0-9]*"))


def newest(run):
    return max(checkpoints(run), default=0)


def half_written(run):
    return list(Path(run, "checkpoints").glob(".writing-0*"))


def result(run, summary):
    """All that must be the same."""
    best = fulmar("inspect", run, "--json").json()["best"]
    return {"weights_sha256": summary["weights_sha256"], "version": summary["version"], "best": best,
            "samples": summary["samples"], "test": summary["evaluation"]["overall"]}


def undisturbed():
    """The result to reach, the seconds until the first checkpoint, and those between two."""
    with Training(WINDS, CONFIG, {"run.directory": "undisturbed"}) as training:
        training.wait_until(lambda: newest("undisturbed") > 0, "first checkpoint")
        first = training.seconds()
        summary = training.end(seconds=600).json()
        pause = (training.seconds() - first) * EVERY_ROUNDS / (summary["version"] - EVERY_ROUNDS)
    return result("undisturbed", summary), first, pause


def resumed():
    return Training(WINDS, CONFIG, {"run.directory": "killed"}, "--resume")


def kill_before_first_checkpoint(draw, seconds):
    """A machine that is suddenly faster may have written one by then: such a run is put aside."""
    for attempt in range(1, 6):
        with Training(WINDS, CONFIG, {"run.directory": "killed"}) as training:
            delay = draw.uniform(0, seconds / attempt)
            check(training.runs_for(delay), "the training ended by itself:", training.err())
            training.kill()
        if newest("killed") == 0:
            print(f"  killed after {delay:.3f} s, before the first checkpoint")
            return
        os.rename("killed", f"too-late-{attempt}")
    sys.exit("FAILED: five times there was a checkpoint already")


def kill_inside_checkpoint():
    """Resumed for the next checkpoint where the kill came too late and that one was whole."""
    for _ in range(20):
        with resumed() as training:
            training.wait_until(lambda: half_written("killed"), "checkpoint in writing")
            training.kill()
        left = half_written("killed")
        if left:
            print(f"  killed inside the writing of {left[0].name.removeprefix('.writing-')}")
            return
    sys.exit("FAILED: twenty times the checkpoint was whole before the kill came")


def kill_between(version, delay):
    """So many seconds after the newest checkpoint at or before `version` is there."""
    awaited = version // EVERY_ROUNDS * EVERY_ROUNDS
    with resumed() as training:
        training.wait_until(lambda: newest("killed") >= awaited, f"checkpoint {awaited}")
        check(training.runs_for(delay), "the training ended before the kill:", training.err())
        training.kill()
    print(f"  killed {delay:.3f} s after checkpoint {awaited} was there, newest now {newest('killed')}")


def main():
    print(f"FULMAR_SEED={SEED} FULMAR_KILLS={KILLS} FULMAR_EPOCHS={EPOCHS}", flush=True)
    draw = random.Random(SEED)
    expected, first, pause = undisturbed()
    print(f"undisturbed: {expected}", flush=True)

    kill_before_first_checkpoint(draw, first)
    # No later than this, so that the kill comes before the run's end.
    last = EPOCHS * ROUNDS_PER_EPOCH - 3 * EVERY_ROUNDS
    versions = sorted(draw.randrange(1, last) for _ in range(KILLS - 2))
    inside = draw.randrange(KILLS - 1)  # so many others come before the one inside a checkpoint
    for version in versions[:inside]:
        kill_between(version, draw.uniform(0, pause))
    kill_inside_checkpoint()
    for version in versions[inside:]:
        kill_between(version, draw.uniform(0, pause))

    summary = train(WINDS, CONFIG, {"run.directory": "killed"}, "--resume", seconds=600)
    found = result("killed", summary)
    check(found == expected, f"after {KILLS} kills:\n  {found}\ninstead of\n  {expected}")
    check(not half_written("killed"), "a half-written checkpoint was left behind")
    check(fulmar("inspect", "killed", "--json").json()["ok"], "a checkpoint is not good")
    print(f"{KILLS} kills, the same result")


main()
