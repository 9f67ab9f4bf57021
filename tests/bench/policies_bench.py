#!/usr/bin/python3
"""Task A2 by each policy, with 1, 2 and 4 workers of one slot each, with and without the remedies for stale gradients:
the test score against that of synchronous rounds at the same number of samples (wished: at most 2 % worse), and how
stale the updates were. Prints a table in Markdown. The gradients really take the processor: let nothing run beside it.

POLICIES_EPOCHS: how many (60); POLICIES_WORKERS: "1,2,4"; POLICIES_REMEDIES: "none,scale,compensate"; POLICIES_LAMBDA:
of delay compensation (0.04).
"""
import time

from driving.cluster import Cluster
from driving.journal import History
from driving.measuring import wished
from driving.program import WINDS, check

WISHED = 0.02
EPOCHS = wished("POLICIES_EPOCHS", 60)
WORKERS = [int(count) for count in wished("POLICIES_WORKERS", "1,2,4").split(",")]
REMEDIES = {"none": {}, "scale": {"policy.scale_learning_rate": "true"},
            "compensate": {"policy.delay_compensation": wished("POLICIES_LAMBDA", 0.04)}}
WISHED_REMEDIES = wished("POLICIES_REMEDIES", "none,scale,compensate").split(",")
STALE = ({"policy.kind": "bounded", "policy.staleness": 1}, {"policy.kind": "bounded", "policy.staleness": 4},
         {"policy.kind": "async"})


def name_of(policy):
    bound = policy.get("policy.staleness")
    return policy["policy.kind"] + ("" if bound is None else f", S = {bound}")


def trained(policy, workers, remedy):
    """Test RMSE in m/s, updates per second, the staleness of each update, and the weights' hash."""
    kind, bound = policy["policy.kind"], policy.get("policy.staleness", "")
    run = f"{kind}{bound}-{workers}-{remedy}"
    with Cluster(WINDS, policy, REMEDIES[remedy], {"stop.epochs": EPOCHS}, pace_ms=0, run=run) as cluster:
        cluster.start_head()
        for number in range(workers):
            cluster.join(f"node-{number}")
        cluster.wait_for_version(1)
        begin = time.monotonic()
        found = cluster.finish(seconds=3600)
        seconds = time.monotonic() - begin
        rmse = cluster.summary()["evaluation"]["overall"]["rmse"]
    return rmse, found["version"] / seconds, History(run, kind).staleness(), found["weights_sha256"]


def distribution(staleness):
    """What share of the updates was how stale."""
    share = {value: 100 * staleness.count(value) / len(staleness) for value in sorted(set(staleness))}
    return ", ".join(f"{value}: {percent:.0f} %" for value, percent in share.items())


def say_row(policy, workers, remedy, found, of_sync):
    rmse, rate, staleness, _ = found
    mean = f"{sum(staleness) / len(staleness):.2f}, {max(staleness)}" if staleness else ""
    say(name_of(policy), workers, remedy, f"{rmse:.4f}", f"{100 * (rmse / of_sync - 1):+.2f} %", f"{rate:.0f}", mean,
        distribution(staleness))


def say(*cells):
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def main():
    print(f"task A2, {EPOCHS} epochs\n")
    say("policy", "workers", "remedy", "test RMSE, m/s", "of sync", "updates/s", "staleness: mean, max", "distribution")
    say(*["---"] * 8)
    sync = {"policy.kind": "sync"}
    reference = trained(sync, max(WORKERS), "none")
    of_sync, weights = reference[0], reference[3]
    say_row(sync, max(WORKERS), "none", reference, of_sync)
    worst = 0
    for policy in STALE:
        for workers in WORKERS:
            for remedy in WISHED_REMEDIES if workers > 1 else ["none"]:  # one alone is never stale
                found = trained(policy, workers, remedy)
                say_row(policy, workers, remedy, found, of_sync)
                check(workers > 1 or found[3] == weights, "one worker alone, and other weights than in rounds:", found)
                worst = max(worst, found[0] / of_sync - 1)
    print(f"\nat most {100 * worst:+.2f} % (wished: <= {100 * WISHED:.0f} %)")
    check(worst <= WISHED, "worse than synchronous rounds")


main()
