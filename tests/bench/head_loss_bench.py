#!/usr/bin/python3
"""The head is killed and started again at once, and its sixteen nodes come back by themselves: the time that this costs
is wished to be at most 3 s more than the time since the last durable point, and the weights those of the undisturbed
run.

HEAD_KILLS: how many; CHAOS_SEED replays when. What it costs is by how much later a version comes out, when all nodes are
planned with again, than it would have at the pace of the rounds before the first kill.
"""
import math
import re
import statistics
import time

from driving.cluster import Cluster, chaos, check_same, undisturbed
from driving.measuring import MACHINES, published, rounds_between, wished
from driving.program import check

WISHED_SECONDS = 3
NODES = 16
PACE_MS = 100
STEADY_AFTER_ROUNDS = 8
CHECKPOINT_EVERY_ROUNDS = 16
KILLS = wished("HEAD_KILLS", 10)
ROUNDS_BETWEEN_KILLS = (18, 40)
KEPT_UP_AFTER_ROUNDS = 16  # since the version of the kill


def kill(cluster, names, round_seconds):
    """What it cost, and how long ago the last durable point was, in seconds."""
    log = cluster.log
    killed_at = time.monotonic()
    version = cluster.kill_head()
    before = published(log)
    durable = int(re.search(r"resuming run at version (\d+)", cluster.resume_head().err())[1])
    cluster.wait_for_active(*names)
    back_seconds = log.named("member")[-1][0] - killed_at
    goal = version + KEPT_UP_AFTER_ROUNDS
    cluster.wait_for_version(goal)
    cost = published(log)[goal] - (before[version] + KEPT_UP_AFTER_ROUNDS * round_seconds)
    since_durable = killed_at - before[durable]
    print(f"killed {since_durable:.2f} s after the last durable point: all nodes back after {back_seconds:.2f} s, "
          f"it cost {cost:.2f} s, {cost - since_durable:+.2f} s beyond that", flush=True)
    return cost - since_durable


def main():
    draw = chaos()
    pauses = [draw.randint(*ROUNDS_BETWEEN_KILLS) for _ in range(KILLS)]
    updates = 4 * STEADY_AFTER_ROUNDS + sum(pauses) + KILLS * (KEPT_UP_AFTER_ROUNDS + STEADY_AFTER_ROUNDS)
    config = (MACHINES, {"stop.updates": updates, "checkpoint.every_rounds": CHECKPOINT_EVERY_ROUNDS})
    with Cluster(*config, pace_ms=PACE_MS) as cluster:
        cluster.start_head()
        names = [f"node-{number}" for number in range(NODES)]
        for name in names:
            cluster.join(name)
        cluster.wait_for_active(*names)
        cluster.wait_for_version(cluster.log.refresh().version + STEADY_AFTER_ROUNDS)
        begin = time.monotonic()
        cluster.wait_for_version(cluster.log.version + 2 * STEADY_AFTER_ROUNDS)
        round_seconds = statistics.median(rounds_between(cluster.log, begin, math.inf))
        beyond = []
        for pause in pauses:
            cluster.wait_for_version(cluster.log.version + pause)
            cluster.head.runs_for(draw.uniform(0, round_seconds))
            beyond.append(kill(cluster, names, round_seconds))
        found = cluster.finish()
    print(f"{KILLS} kills, rounds of {1000 * round_seconds:.0f} ms: beyond the time since the last durable point they cost "
          f"{statistics.median(beyond):.2f} s (median), {max(beyond):.2f} s at most (wished: <= {WISHED_SECONDS} s)")
    check_same(found, undisturbed(*config), "the run whose head was killed")
    check(max(beyond) <= WISHED_SECONDS, "too slow")


main()
