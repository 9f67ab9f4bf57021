"""Faults for a running cluster, drawn from a seed: joiners are killed, frozen, drained and cut off, newcomers come,
the head dies.

What was hurt heals a while later: who was killed or drained is started again, who was frozen goes on, a cut cable is
mended.
"""
import heapq
import itertools
import time

RUNNING_MAX = 12  # joiners; newcomers stay


class Storm:
    """`faults`: names of methods below, drawn from with equal chances; `every`: seconds from one to the next, from and
    to; `heals_after` likewise. None comes once `calm_from` is the version that is out, so that the run can end."""

    def __init__(self, cluster, draw, faults, every, heals_after, calm_from, cables=None):
        self.cluster = cluster
        self.draw = draw
        self.faults = faults
        self.every = every
        self.heals_after = heals_after
        self.calm_from = calm_from
        self.cables = cables or {}  # by the joiner's name
        self.agenda = []  # (when, number, what to do)
        self.numbers = itertools.count(1)
        self.hurt = set()  # names; they are not hurt again before they are healed
        self.begin = time.monotonic()
        self.happened = {}  # how often, by name of the fault

    def rage(self):
        """Until the run is over or calm, and everybody is healed."""
        self.later(self.every, self.strike)
        while self.agenda:
            when, _, act = heapq.heappop(self.agenda)
            if not self.cluster.head.runs_for(when - time.monotonic()):
                break
            act()
        happened = ", ".join(f"{count} x {fault}" for fault, count in sorted(self.happened.items()))
        print("  it happened:", happened, flush=True)

    def later(self, seconds, act):
        heapq.heappush(self.agenda, (time.monotonic() + self.draw.uniform(*seconds), next(self.numbers), act))

    def say(self, *words):
        version = self.cluster.log.refresh().version
        print(f"  {time.monotonic() - self.begin:6.2f} s, version {version}:", *words, flush=True)

    def strike(self):
        if self.cluster.log.refresh().version >= self.calm_from:
            return
        fault = self.draw.choice(self.faults)
        if getattr(self, fault)():
            self.happened[fault] = self.happened.get(fault, 0) + 1
        self.later(self.every, self.strike)

    def victim(self, among=None):
        """Somebody who takes part and is well, or nobody."""
        names = set(self.cluster.log.states) - self.hurt
        if among is not None:
            names &= set(among)
        well = [joiner for name, joiner in sorted(self.cluster.joiners.items()) if name in names and joiner.is_running()]
        return self.draw.choice(well) if well else None

    def heals(self, name, heal):
        def act():
            self.hurt.discard(name)
            heal()

        self.hurt.add(name)
        self.later(self.heals_after, act)

    # ---- the faults: each says whether it happened

    def kill(self):
        joiner = self.victim()
        if joiner:
            self.say("SIGKILL of", joiner.node)
            joiner.kill()
            self.heals(joiner.node, lambda: self.cluster.join_again(joiner.node))
        return joiner

    def freeze(self):
        joiner = self.victim()
        if joiner:
            self.say("SIGSTOP of", joiner.node)
            joiner.freeze()
            self.heals(joiner.node, joiner.thaw)
        return joiner

    def drain(self):
        joiner = self.victim()
        if joiner:
            self.say("SIGTERM to", joiner.node)
            joiner.drain()

            def return_again():
                joiner.end()
                self.cluster.join_again(joiner.node)

            self.heals(joiner.node, return_again)
        return joiner

    def newcomer(self):
        if len(self.cluster.running()) >= RUNNING_MAX:
            return False
        name = f"newcomer-{next(self.numbers)}"
        self.say(name, "comes")
        self.cluster.join(name, endpoint=self.cluster.local_endpoint())
        return True

    def cut(self):
        joiner = self.victim(self.cables)
        if joiner:
            cable = self.cables[joiner.node]
            directions = self.draw.choice((("in", "out"), ("in", "out"), ("in",), ("out",)))
            self.say("cable of", joiner.node, "cut:", " and ".join(directions))
            cable.cut(*directions)
            self.heals(joiner.node, cable.mend)
        return joiner

    def head_dies(self):
        self.say("SIGKILL of the head")
        self.cluster.kill_head()
        self.cluster.resume_head()
        return True
