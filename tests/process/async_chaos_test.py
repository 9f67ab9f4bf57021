#!/usr/bin/python3
"""Joiners of an asynchronous run are killed, freeze, leave and come at random: each unit has one update, none is staler
than the bound, and the run is recomputed from its journal bit by bit. CHAOS_SEED replays what happens."""
import re

from driving.asynchronous import UPDATES_IN_EPOCH, Asynchronous, say_staleness
from driving.cluster import chaos
from driving.program import check
from driving.storm import Storm

EPOCHS = 11
CALM_FROM = (EPOCHS - 2) * UPDATES_IN_EPOCH
FAULTS = ["kill"] * 3 + ["freeze", "drain", "newcomer"]
NODES = 4


class WatchedStorm(Storm):
    """What an operator sees is looked at before each fault."""

    def __init__(self, bound, *words, **settings):
        super().__init__(*words, **settings)
        self.bound = bound
        self.updates_seen = 0

    def strike(self):
        version = self.cluster.log.refresh().version
        if version < self.calm_from:  # later it may be over before it answers
            self.look(version)
        super().strike()

    def look(self, version):
        at_most = {}  # updates, by the limits of the histogram
        for name, value in self.cluster.metrics().items():
            found = re.match(r'fulmar_update_staleness_bucket\{.*le="([^"]+)"', name)
            if found:
                at_most[float(found[1])] = value
        self.updates_seen = at_most[float("inf")]
        check(self.updates_seen >= version - 1, "the histogram has", self.updates_seen, "updates at version", version)
        if self.bound is not None:
            check(at_most[self.bound] == self.updates_seen, "updates staler than", self.bound, "are exported:", at_most)


def in_chaos(draw, policy, bound, settings):
    with Asynchronous(policy, EPOCHS, settings, run=policy.replace(":", "-")) as cluster:
        cluster.start_head()
        for number in range(NODES):
            cluster.join(f"node-{number}")
        storm = WatchedStorm(bound, cluster, draw, FAULTS, every=(0.1, 0.6), heals_after=(0.1, 1.2),
                             calm_from=CALM_FROM)
        storm.rage()
        check(sum(storm.happened.values()) >= 5 and storm.happened.get("kill"), "too little happened:", storm.happened)
        check(storm.updates_seen > CALM_FROM / 2, "the histogram had only", storm.updates_seen, "updates")
        most = say_staleness(policy, cluster.finish_checked())
        check(most > 0, "nobody computed beside another")
        check(bound is None or most <= bound, "an update was", most, "stale")


def main():
    draw = chaos()
    in_chaos(draw, "bounded:2", 2, {"policy.on_stale": "revoke"})
    in_chaos(draw, "async", None, {"policy.scale_learning_rate": "true", "policy.delay_compensation": 0.5})


main()
