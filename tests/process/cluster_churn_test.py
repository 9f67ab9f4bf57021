#!/usr/bin/python3
"""Joiners come, leave as they should, are killed, freeze and thaw at random over a whole run, and the weights do not
change. CHAOS_SEED replays what happens."""
from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check
from driving.storm import Storm

EPOCHS = 20
CONFIG = (CLUSTER, {"stop.epochs": EPOCHS})


def main():
    draw = chaos()
    expected = undisturbed(*CONFIG)
    with Cluster(*CONFIG, pace_ms=40, head_slots=1) as cluster:  # the head computes as well
        cluster.start_head()
        for number in range(3):
            cluster.join(f"node-{number}")
        faults = ["kill", "freeze", "drain", "drain", "newcomer"]
        storm = Storm(cluster, draw, faults, every=(0.3, 1.2), heals_after=(0.1, 2.5), calm_from=EPOCHS * 5 - 8)
        storm.rage()
        check(len(storm.happened) >= 3, "too little happened:", storm.happened)
        check_same(cluster.finish(), expected, "a run whose nodes came and went")


main()
