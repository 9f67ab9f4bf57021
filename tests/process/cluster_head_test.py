#!/usr/bin/python3
"""The head is killed and resumed again and again; its joiners come back by themselves, and the weights do not
change. CHAOS_SEED replays the moments."""
from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check

CONFIG = (CLUSTER, {"stop.epochs": 16})
NAMES = ("node-0", "node-1", "node-2")


def main():
    draw = chaos()
    expected = undisturbed(*CONFIG)
    with Cluster(*CONFIG, pace_ms=25) as cluster:
        cluster.start_head()
        processes = [cluster.join(name) for name in NAMES]
        for _ in range(3):
            cluster.wait_for_active(*NAMES)
            cluster.wait_for_version(cluster.log.version + draw.randrange(2, 16))
            check(cluster.head.runs_for(draw.uniform(0, 0.1)), "the run is over too early")
            reached = cluster.kill_head()
            check(cluster.head.process.returncode == -9, "the head ended by itself:", cluster.head.err())
            print(f"  killed at version {reached}", flush=True)
            cluster.resume_head()
            check("resuming" in cluster.head.err() or reached < 20, "it began anew:", cluster.head.err())
        cluster.wait_for_active(*NAMES)
        check_same(cluster.finish(), expected, "a run whose head was killed three times")
        for joiner in processes:
            check(joiner.process.returncode == 0, joiner.node, "did not live through it:", joiner.err())


main()
