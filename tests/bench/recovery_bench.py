#!/usr/bin/python3
"""From the signal that kills or freezes a node until its leases are granted anew: p99 is wished to be at most 250 ms for
SIGKILL, and `liveness` (1 s) for SIGSTOP. RECOVERY_KILLS and RECOVERY_FREEZES: how many of each; CHAOS_SEED replays who
and when.

The signal's time is taken here, right before it is sent; the grant's is that of the head's event `recovered`, which
says that whatever the node had of the round has holders again. Both are on CLOCK_MONOTONIC of this machine.
"""
import signal
import time

from driving.cluster import Cluster, chaos
from driving.measuring import MACHINES, SAMPLES_IN_ROUND, quantile, spread, wished
from driving.program import check

SIZES = (2, 3, 4)
PACE_MS = 10
LIMITS = {signal.SIGKILL: 0.25, signal.SIGSTOP: 1.0}
COUNTS = {signal.SIGKILL: wished("RECOVERY_KILLS", 300), signal.SIGSTOP: wished("RECOVERY_FREEZES", 60)}
NOTHING = "nothing"


class Trial:
    """Nodes of one cluster that are struck one after the other."""

    def __init__(self, cluster, draw, names):
        self.cluster = cluster
        self.draw = draw
        self.names = names
        self.seconds = {number: [] for number in COUNTS}  # until the new grant
        self.as_the_head_saw = {number: [] for number in COUNTS}  # (detection, recovery)
        self.had_nothing = 0

    def strike(self, number):
        cluster, log = self.cluster, self.cluster.log
        name = self.draw.choice(self.names)
        joiner = cluster.joiners[name]
        # One a round: leaves that two nodes died with are leased one after the other, to see which leaf it is.
        cluster.wait_for_version(log.refresh().version + 1)
        cluster.head.runs_for(self.draw.uniform(0, PACE_MS / 1000 * SAMPLES_IN_ROUND / len(self.names)))
        seen = len(log.refresh().events)
        begin = time.monotonic()
        joiner.send(number)
        cluster.wait_until_gone(name)
        without_it = log.version + 2  # made of a round that began when it was gone
        grant = cluster.wait_until(
            lambda: grant_after(log.refresh(), seen) or (log.version >= without_it and NOTHING),
            f"new grant of what {name} had")
        if grant is NOTHING:
            self.had_nothing += 1  # struck between two rounds
        else:
            moment, members = grant
            self.seconds[number].append(moment - begin)
            self.as_the_head_saw[number].append((members["detection"], members["recovery"]))
        if number == signal.SIGKILL:
            joiner.process.wait(timeout=60)
            cluster.join_again(name)
        else:
            joiner.thaw()
        cluster.wait_for_active(name)


def grant_after(log, seen):
    return next(((moment, members) for moment, event, members in log.events[seen:] if event == "recovered"), None)


def tried(size, draw):
    with Cluster(MACHINES, pace_ms=PACE_MS, run=f"run-{size}") as cluster:
        cluster.start_head()
        names = [f"node-{number}" for number in range(size)]
        for name in names:
            cluster.join(name)
        cluster.wait_for_active(*names)
        trial = Trial(cluster, draw, names)
        for number, count in COUNTS.items():
            while len(trial.seconds[number]) < count // len(SIZES):
                trial.strike(number)
        counted = cluster.metrics()["fulmar_recovery_duration_seconds_count"]
        measured = sum(map(len, trial.seconds.values()))
        check(counted >= measured, "the head's metrics count", counted, "recoveries of", measured)
        return trial


def main():
    draw = chaos()
    trials = {size: tried(size, draw) for size in SIZES}
    print("struck between two rounds, with nothing to lease anew:", sum(trial.had_nothing for trial in trials.values()))
    missed = []
    for number, limit in LIMITS.items():
        for size, trial in trials.items():
            print(f"{number.name}, {size} nodes, from the signal to the new grant:", spread(trial.seconds[number]))
        seconds = [second for trial in trials.values() for second in trial.seconds[number]]
        print(f"{number.name}, all, from the signal to the new grant:", spread(seconds),
              f"(wished: p99 <= {1000 * limit:.0f} ms)")
        for what, of in (("from its last word to its loss (detection)", 0), ("from there to the grant (recovery)", 1)):
            saw = [pair[of] for trial in trials.values() for pair in trial.as_the_head_saw[number]]
            print(f"{number.name}, as the head measures it, {what}:", spread(saw))
        if quantile(seconds, 0.99) > limit:
            missed.append(number.name)
    check(not missed, "too slow:", *missed)


main()
