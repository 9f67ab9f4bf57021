#!/usr/bin/python3
"""Four workers, one of which is frozen for 1 s out of every 5 and one of which works at a quarter of the others' speed:
how long each policy takes to the same validation loss. Prints tables in Markdown.

Workers are paced, gradients are real (the winds of a part of the Pacific). The loss is the best that the policy that
came least far has reached. An update takes one quick worker the same time in each table; of 8 leaves, a round can be
shared by all workers as they are quick, of 2 it cannot.

STRAGGLERS_LEAVES: leaves in an update, a table for each (8,2); STRAGGLERS_UPDATES: how many each policy makes (400);
STRAGGLERS_LIVENESS: with 1s a worker that is frozen for 1 s is lost after 0.7 s and comes back by itself, with 2s it is
waited for.
"""
import math
import time

from driving.cluster import CLUSTER, Cluster
from driving.journal import History
from driving.measuring import wished

UPDATES = wished("STRAGGLERS_UPDATES", 400)
LIVENESS = wished("STRAGGLERS_LIVENESS", "1s")
LEAVES = [int(leaves) for leaves in wished("STRAGGLERS_LEAVES", "8,2").split(",")]
UPDATE_MS = 264  # of one quick worker alone; shared by all as they are quick, a round takes 0.1 s
SLOWER = 4
FREEZE_EVERY_SECONDS, FROZEN_SECONDS = 5, 1
LOOKS_EVERY_SECONDS = 0.5
NAMES = ("steady-0", "steady-1", "frozen", "slow")
SAMPLES_IN_EPOCH = 108  # as many as the data have beside two years for validation and test
TASK = {"data.train": '["1982-01", "1990-12"]', "data.validation": '["1991-01", "1991-12"]',
        "data.test": '["1992-01", "1992-12"]'}
POLICIES = {"sync": {"policy.kind": "sync"},
            **{f"bounded, S = {bound}": {"policy.kind": "bounded", "policy.staleness": bound} for bound in (1, 4, 16)},
            "bounded, S = 4, revoke": {"policy.kind": "bounded", "policy.staleness": 4, "policy.on_stale": "revoke"},
            "async": {"policy.kind": "async"}}


class Weather:
    """The faults of a run, and how long its workers were idle at the gate, in seconds."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.gate_idle_seconds = 0

    def blow(self):
        """Until the run is over."""
        frozen = self.cluster.joiners["frozen"]
        while self.goes_on_for(FREEZE_EVERY_SECONDS - FROZEN_SECONDS):
            frozen.freeze()
            goes_on = self.goes_on_for(FROZEN_SECONDS)
            frozen.thaw()
            if not goes_on:
                break

    def goes_on_for(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self.cluster.head.runs_for(min(left, LOOKS_EVERY_SECONDS)):
                return False
            self.look()
        return True

    def look(self):
        try:
            self.gate_idle_seconds = self.cluster.metrics()["fulmar_gate_idle_seconds_total"]
        except OSError:
            pass  # the run has just ended


def trained(name, policy, leaves):
    """What happened when, from when the first worker took part."""
    run = f"{name}-{leaves}".replace(" ", "").replace(",", "-").replace("=", "")
    settings = {"stop.epochs": math.ceil(UPDATES * leaves / SAMPLES_IN_EPOCH), "policy.leaves": leaves,
                "policy.liveness": LIVENESS}
    pace_ms = UPDATE_MS / leaves
    with Cluster(CLUSTER, TASK, settings, policy, run=run) as cluster:
        cluster.start_head()
        for node in NAMES:
            cluster.join(node, pace_ms=pace_ms * (SLOWER if node == "slow" else 1))
        cluster.wait_for_active(*NAMES[:3])
        weather = Weather(cluster)
        weather.blow()
        cluster.finish()
        log = cluster.log.refresh()
    begin = next(moment for moment, member in log.named("member") if member["state"] == "active")
    rounds = [moment - begin for moment, _ in log.named("round")]
    losses = [(moment - begin, found["version"], found["loss"]) for moment, found in log.named("validation_done")]
    staleness = History(run, policy["policy.kind"]).staleness()
    return {"losses": losses, "rate": len(rounds) / rounds[-1], "staleness": staleness, "idle": weather.gate_idle_seconds,
            "lost": len(log.named("node_failed"))}


def say(*cells):
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def compare(leaves):
    found = {name: trained(name, policy, leaves) for name, policy in POLICIES.items()}
    goal = max(min(loss for _, _, loss in run["losses"]) for run in found.values())
    print(f"\n{leaves} leaves in an update, liveness {LIVENESS}, to a validation loss of {goal:.4f}\n")
    say("policy", "time to that loss", "updates to it", "updates/s", "staleness: mean, max",
        "idle at the gate, all nodes", "nodes lost")
    say(*["---"] * 7)
    for name, run in found.items():
        seconds, version, _ = next(entry for entry in run["losses"] if entry[2] <= goal)
        stale = run["staleness"]
        spread = f"{math.fsum(stale) / len(stale):.2f}, {max(stale)}" if stale else ""
        say(name, f"{seconds:.1f} s", version, f"{run['rate']:.2f}", spread, f"{run['idle']:.1f} s", run["lost"])


def main():
    for leaves in LEAVES:
        compare(leaves)


main()
