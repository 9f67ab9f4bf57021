#!/usr/bin/python3
"""A joiner is killed every two seconds over a whole run, and the weights do not change. CHAOS_SEED replays who."""
from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check
from driving.storm import Storm

EPOCHS = 16
CONFIG = (CLUSTER, {"stop.epochs": EPOCHS})


def main():
    draw = chaos()
    expected = undisturbed(*CONFIG)
    with Cluster(*CONFIG, pace_ms=40) as cluster:
        cluster.start_head()
        for number in range(4):
            cluster.join(f"node-{number}")
        storm = Storm(cluster, draw, ["kill"], every=(2, 2), heals_after=(0, 1.5), calm_from=EPOCHS * 5 - 8)
        storm.rage()
        check(storm.happened.get("kill", 0) >= 3, "too few were killed:", storm.happened)
        check_same(cluster.finish(), expected, "a run in which joiners were killed")
        lost = [members["cause"] for _, members in cluster.log.named("node_failed")]
        check(len(lost) >= storm.happened["kill"], "killed nodes that the journal does not have:", lost)


main()
