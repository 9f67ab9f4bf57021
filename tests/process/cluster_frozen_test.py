#!/usr/bin/python3
"""A joiner that is frozen is lost within `liveness`, its work goes to others, and thawed it comes back by itself; a
head that is frozen and thaws goes on. The weights do not change."""
import time

from driving.cluster import CLUSTER, Cluster, check_same, undisturbed
from driving.program import check

CONFIG = (CLUSTER, {"stop.epochs": 20})
LIVENESS_SECONDS = 1
SLOW_MACHINE_SECONDS = 1  # two cores that other tests use as well


def main():
    expected = undisturbed(*CONFIG)
    with Cluster(*CONFIG, pace_ms=30) as cluster:
        cluster.start_head()
        names = ["node-0", "node-1", "node-2"]
        for name in names:
            cluster.join(name)
        cluster.wait_for_active(*names)

        frozen = cluster.joiners["node-1"]
        frozen.freeze()
        begin = time.monotonic()
        cluster.wait_until_gone("node-1")
        seconds = cluster.log.named("gone")[-1][0] - begin
        print(f"lost {seconds:.3f} s after it was frozen")
        check(0.5 < seconds < LIVENESS_SECONDS + SLOW_MACHINE_SECONDS, "it was lost after", seconds, "s")
        cluster.wait_for_version(cluster.log.version + 3)  # the others go on
        frozen.thaw()
        cluster.wait_for_active("node-1")

        cluster.head.freeze()
        check(cluster.head.runs_for(2 * LIVENESS_SECONDS), "the head ended:", cluster.head.err())
        cluster.head.thaw()
        cluster.wait_for_version(cluster.log.version + 3)
        cluster.wait_for_active(*names)
        check_same(cluster.finish(), expected, "a run whose joiners and head were frozen")


main()
