#!/usr/bin/python3
"""One, two, four and eight joiners, quick ones and slow ones, give the weights of one process; so do sixteen that
come at once."""
from driving.cluster import CLUSTER, Cluster, check_same, undisturbed

CONFIG = (CLUSTER, {"stop.epochs": 10})


def joiners(count, pace_ms):
    with Cluster(*CONFIG, run=f"{count}-joiners", pace_ms=pace_ms) as cluster:
        cluster.start_head()
        for number in range(count):
            # The second is half as quick as the first, and every third has two slots.
            cluster.join(f"node-{number}", pace_ms=pace_ms * (1 + number % 2), slots=2 if number % 3 == 2 else 1)
        return cluster.finish()


def sixteen_at_once():
    with Cluster(*CONFIG, {"stop.epochs": 16}, run="16-at-once", pace_ms=80) as cluster:
        cluster.start_head()
        names = [f"node-{number}" for number in range(16)]
        for name in names:
            cluster.join(name)
        cluster.wait_for_active(*names)
        return cluster.finish()


def main():
    expected = undisturbed(*CONFIG)
    for count, pace_ms in ((1, 4), (2, 8), (4, 16), (8, 30)):
        check_same(joiners(count, pace_ms), expected, f"{count} joiners")
    expected = undisturbed(*CONFIG, {"stop.epochs": 16}, run="undisturbed-longer")
    check_same(sixteen_at_once(), expected, "sixteen joiners at once")


main()
