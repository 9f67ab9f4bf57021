"""Runs of clusters by asynchronous policies: what they are made of, and what must hold of them at their end, whatever
happened to them. Their weights depend on who was how quick, so no other run has them; replay does."""
from driving.cluster import CLUSTER, Cluster
from driving.journal import History, check_updates
from driving.program import check, fulmar

# Of tests/driving/cluster.toml with these leaves in an update.
LEAVES = 4
SAMPLES_IN_EPOCH = 72
UPDATES_IN_EPOCH = 18
# Of a leaf, in turn: nodes of one speed would bring their units in together, round by round. A unit takes a node of one
# slot four times as long.
PACES_MS = (8, 12, 18, 30)


class Asynchronous(Cluster):
    """A cluster that begins by `policy` and ends after so many epochs."""

    def __init__(self, policy, epochs, settings=(), **words):
        kind, _, bound = policy.partition(":")
        config = {"policy.kind": kind, "policy.leaves": LEAVES, "stop.epochs": epochs, "checkpoint.every_rounds": 20,
                  **dict(settings)}
        if bound:
            config["policy.staleness"] = bound
        super().__init__(CLUSTER, config, **words)
        self.begins_with = policy
        self.epochs = epochs

    def join(self, node, pace_ms=None, **words):
        return super().join(node, pace_ms or PACES_MS[len(self.joiners) % len(PACES_MS)], **words)

    def history(self):
        return History(self.run, self.begins_with)

    def finish_checked(self):
        """As finish(); then each unit of each epoch has one update, and replay yields the same. The history."""
        found = self.finish()
        version = self.epochs * UPDATES_IN_EPOCH
        expected = {"version": version, "updates_applied": version, "voided": [], "epoch": self.epochs, "position": 0,
                    "samples_counted": self.epochs * SAMPLES_IN_EPOCH}
        ledger = {key: found[key] for key in expected}
        check(ledger == expected, f"the ledger says\n  {ledger}\ninstead of\n  {expected}")
        history = self.history()
        check_updates(history, version, UPDATES_IN_EPOCH)
        check_replay(self.run, history, version)
        check(history.checkpoints[version] == found["weights_sha256"], "the last checkpoint is not of the end")
        return history


def check_replay(run, history, version):
    """Recomputed from its journal, the run has the same weights at each of its checkpoints."""
    replayed = fulmar("replay", run, "--json", "--progress", "none", seconds=600).json()
    check(replayed["equal"] is True and replayed["first_difference"] is None, "replay says:", replayed)
    check(replayed["updates"] == version, "replay recomputed", replayed["updates"], "updates of", version)
    compared = len([written for written in history.checkpoints if written > 0])
    check(replayed["checkpoints_compared"] == compared, "replay compared", replayed["checkpoints_compared"],
          "checkpoints of", compared)
    check(replayed["validations_compared"] == version // UPDATES_IN_EPOCH, "validations compared:", replayed)
    print(f"{run}: replayed {version} updates, {compared} checkpoints and all validations: equal", flush=True)


def say_staleness(what, history):
    """How stale its updates were; the greatest."""
    found = history.staleness()
    shares = ", ".join(f"{value}: {found.count(value)}" for value in sorted(set(found)))
    print(f"{what}: {len(found)} updates by staleness: {shares}", flush=True)
    return max(found)
