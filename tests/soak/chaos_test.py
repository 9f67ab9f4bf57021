#!/usr/bin/python3
"""Everything at once for ten minutes, from a printed seed: joiners are killed, frozen, drained and cut off,
newcomers come, the head is killed and resumed. The weights, and which samples went into them, are those of the
undisturbed run.

FULMAR_SECONDS says how long (600), CHAOS_SEED replays what happens. Without a network of its own (loudly) nobody is
cut off.
"""
import os

from driving.cables import Cable, enter_private_network, way_to_unshare
from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check
from driving.storm import Storm

SECONDS = float(os.environ.get("FULMAR_SECONDS", "600"))
NODES = 6
PACE_MS = 30
ROUND_SECONDS = 0.25  # as it goes in such weather, not in calm: 16 leaves by six nodes of 30 ms a leaf take 0.09 s
ROUNDS = int(SECONDS / ROUND_SECONDS)
CONFIG = (CLUSTER, {"stop.epochs": ROUNDS, "stop.updates": ROUNDS, "checkpoint.every_rounds": 40})
PORT = 5555
# Drawn from with equal chances; the death of the head costs most, and comes least.
FAULTS = ["kill"] * 4 + ["freeze"] * 4 + ["drain"] * 2 + ["newcomer", "head_dies"]


def main():
    faults = list(FAULTS)
    if way_to_unshare():
        enter_private_network()
        faults += ["cut"] * 4
    else:
        print("NOT TESTED HERE: partitions; this machine allows no network of the test's own")
    draw = chaos()
    expected = undisturbed(*CONFIG)
    names = [f"node-{number}" for number in range(NODES)]
    cables = {name: Cable() for name in names} if "cut" in faults else {}
    with Cluster(*CONFIG, listen=f"tcp://*:{PORT}", pace_ms=PACE_MS, head_words=["--insecure"]) as cluster:
        cluster.start_head()
        for name in names:
            cable = cables.get(name)
            cluster.join(name, inside=cable.inside if cable else (),
                         endpoint=f"tcp://{cable.head if cable else '127.0.0.1'}:{PORT}")
        storm = Storm(cluster, draw, faults, every=(0.5, 3), heals_after=(0.1, 4), calm_from=ROUNDS - 20, cables=cables)
        storm.rage()
        check(set(storm.happened) == set(faults) or SECONDS < 300, "not everything happened:", storm.happened)
        check_same(cluster.finish(seconds=600), expected, f"{sum(storm.happened.values())} faults at random")


main()
