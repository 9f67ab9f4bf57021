#!/usr/bin/python3
"""Joiners that are cut off, in one direction or both, and find their way back: the weights do not change. CHAOS_SEED
replays who and when. Ends with 77 where the machine allows no network of the test's own."""
import time

from driving.cables import Cable, enter_private_network
from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check
from driving.storm import Storm

EPOCHS = 16
CONFIG = (CLUSTER, {"stop.epochs": EPOCHS})
PORT = 5555


def lost_within_liveness_and_back_by_itself(cluster, cables):
    cables["node-0"].cut("in", "out")
    begin = time.monotonic()
    cluster.wait_until_gone("node-0")
    seconds = cluster.log.named("gone")[-1][0] - begin
    print(f"lost {seconds:.3f} s after its cable was cut")
    check(0.5 < seconds < 2, "it was lost after", seconds, "s")
    cluster.wait_for_version(cluster.log.version + 5)  # the others go on
    cables["node-0"].mend()
    cluster.wait_for_active("node-0")


def main():
    enter_private_network()
    draw = chaos()
    expected = undisturbed(*CONFIG)
    cables = {f"node-{number}": Cable() for number in range(3)}
    with Cluster(*CONFIG, listen=f"tcp://*:{PORT}", pace_ms=25, head_words=["--insecure"]) as cluster:
        cluster.start_head()
        for name, cable in cables.items():
            cluster.join(name, inside=cable.inside, endpoint=f"tcp://{cable.head}:{PORT}")
        cluster.wait_for_active(*cables)
        lost_within_liveness_and_back_by_itself(cluster, cables)
        storm = Storm(cluster, draw, ["cut"], every=(1, 3), heals_after=(0.2, 2), calm_from=EPOCHS * 5 - 8,
                      cables=cables)
        storm.rage()
        check(storm.happened.get("cut", 0) >= 2, "too few were cut off:", storm.happened)
        check_same(cluster.finish(), expected, "a run whose nodes were cut off")
    for cable in cables.values():
        cable.take_away()


main()
