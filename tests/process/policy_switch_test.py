#!/usr/bin/python3
"""The policy of a run changes ten times, in all directions, while its joiners come and are killed: no unit is lost or
done twice, and the whole run is recomputed from its journal bit by bit. What cannot be is refused with words.
CHAOS_SEED replays what happens."""
import itertools

from driving.asynchronous import UPDATES_IN_EPOCH, Asynchronous, say_staleness
from driving.cluster import chaos
from driving.program import check, fulmar
from driving.storm import Storm

BEGINS_WITH = "sync"
POLICIES = ["bounded:2", "async", "sync", "async", "bounded:4", "sync", "bounded:1", "bounded:3", "async", "sync"]
UPDATES_BETWEEN = 36
CALM_FROM = (len(POLICIES) + 1) * UPDATES_BETWEEN
EPOCHS = CALM_FROM // UPDATES_IN_EPOCH + 2
LOOKS_EVERY = (0.02, 0.03)


class SwitchingStorm(Storm):
    """Beside its faults the policy changes, in each stretch of UPDATES_BETWEEN updates once."""

    def __init__(self, *words, **settings):
        super().__init__(*words, **settings)
        self.switches = [(number * UPDATES_BETWEEN + self.draw.randrange(UPDATES_BETWEEN), policy)
                         for number, policy in enumerate(POLICIES, 1)]

    def rage(self):
        self.later(LOOKS_EVERY, self.switch)
        super().rage()

    def switch(self):
        version, policy = self.switches[0]
        if self.cluster.log.refresh().version >= version:
            self.say("policy", policy)
            said = self.cluster.asked("policy", policy).out
            check(policy in said, "it says:", said)
            self.cluster.wait_until(lambda: self.cluster.status()["policy"] == policy, f"policy {policy}", 20)
            self.switches.pop(0)
        if self.switches:
            self.later(LOOKS_EVERY, self.switch)


def what_cannot_be(cluster):
    for policy, why in (("bounded:-1", "from 0 to"), ("bounded:x", "from 0 to"), ("boundd:4", "bounded")):
        said = cluster.asked("policy", policy, code=2).err
        check(policy in said and why in said, "it says:", said)
    said = cluster.asked("policy", "async", keys="worker", code=1).err
    check("not allowed" in said, "it says:", said)
    said = cluster.asked("policy", BEGINS_WITH, code=1).err
    check("already" in said and BEGINS_WITH in said, "it says:", said)
    check(cluster.status()["policy"] == BEGINS_WITH, "a policy that was refused:", cluster.status())


def main():
    draw = chaos()
    fulmar("keygen", "keys")
    with Asynchronous(BEGINS_WITH, EPOCHS, keys="keys") as cluster:
        cluster.start_head()
        for number in range(4):
            cluster.join(f"node-{number}")
        cluster.wait_for_active("node-0", "node-1")
        what_cannot_be(cluster)
        storm = SwitchingStorm(cluster, draw, ["kill", "kill", "newcomer"], every=(0.2, 0.8), heals_after=(0.1, 1),
                               calm_from=CALM_FROM)
        storm.rage()
        check(not storm.switches, "it did not come to switch to", storm.switches)
        check(storm.happened.get("kill", 0) >= 3, "too little happened:", storm.happened)
        history = cluster.finish_checked()
        switched = [policy for _, policy in sorted(history.switches.items())]
        check(switched == POLICIES, "the journal has the policies", switched)
        say_staleness("updates beside rounds", history)
        stretches = itertools.pairwise([0, *sorted(history.switches), cluster.epochs * UPDATES_IN_EPOCH])
        check(all(end > begin for begin, end in stretches), "a policy that made nothing:", history.switches)
        said = cluster.asked("policy", "async", code=1).err
        check("nobody answers" in said, "of a run that is over it says:", said)


main()
