#!/usr/bin/python3
"""The head of an asynchronous run is killed and resumed again and again, also while it recomputes what its predecessor
left in the journal: no update of the journal is lost, each unit has one, and the whole run is recomputed bit by bit.

HEAD_KILLS: how often (3); CHAOS_SEED replays the moments."""
import re

from driving.asynchronous import UPDATES_IN_EPOCH, Asynchronous, say_staleness
from driving.cluster import chaos
from driving.measuring import wished
from driving.program import check

KILLS = wished("HEAD_KILLS", 3)
NAMES = ("node-0", "node-1", "node-2", "node-3")
UPDATES_BETWEEN_KILLS = (8, 40)
EPOCHS = (KILLS + 1) * UPDATES_BETWEEN_KILLS[1] // UPDATES_IN_EPOCH + 2
BOUND = 4


def wait_for_moment(cluster, draw, goes_on_from, amid_recomputing):
    """`goes_on_from`: up to which version the head recomputes what it found in the journal."""
    if amid_recomputing:
        cluster.wait_for_version(1)
        seconds = 0.1
    else:
        cluster.wait_for_active(*NAMES)
        cluster.wait_for_version(goes_on_from + draw.randint(*UPDATES_BETWEEN_KILLS))
        seconds = 0.2
    check(cluster.head.runs_for(draw.uniform(0, seconds)), "the run is over too early")


def kill_and_resume(cluster, recomputed_to):
    """The version that the next head goes on to from the journal."""
    out = cluster.kill_head()
    check(cluster.head.process.returncode == -9, "the head ended by itself:", cluster.head.err())
    left = cluster.history()
    checkpoint = max(left.checkpoints, default=0)
    said = cluster.resume_head().err()
    resumed = cluster.history()
    print(f"  killed at version {out}{' amid recomputing' if out < recomputed_to else ''}; the journal goes to",
          f"{left.newest}, the newest checkpoint is of {checkpoint}", flush=True)
    check(len(resumed.resumed_at) == len(left.resumed_at) + 1, "a term that was not started:", resumed.resumed_at)
    check(resumed.resumed_at[-1] >= left.newest, "it goes on from version", resumed.resumed_at[-1], "and says:", said)
    for version, update in left.updates.items():
        check(resumed.updates.get(version) == update, "the journal's update of version", version, "was lost or changed")
    # A checkpoint may be there that the journal had no time to name.
    begins_at = int(re.search(r"at version (\d+)", said).group(1)) if "at version" in said else 0
    if left.newest > begins_at:
        check("recompute" in said and str(left.newest) in said, "it does not say what it recomputes:", said)
    return resumed.resumed_at[-1]


def main():
    draw = chaos()
    with Asynchronous(f"bounded:{BOUND}", EPOCHS) as cluster:
        cluster.start_head()
        joiners = [cluster.join(name) for name in NAMES]
        goes_on_from = 0
        for number in range(KILLS):
            wait_for_moment(cluster, draw, goes_on_from, amid_recomputing=number % 3 == 1)
            goes_on_from = kill_and_resume(cluster, goes_on_from)
        cluster.wait_for_active(*NAMES)
        history = cluster.finish_checked()
        check(len(history.resumed_at) == KILLS + 1, "terms began at", history.resumed_at)
        check(say_staleness("with heads that were killed", history) <= BOUND, "an update is too stale")
        for joiner in joiners:
            check(joiner.process.returncode == 0, joiner.node, "did not live through it:", joiner.err())


main()
