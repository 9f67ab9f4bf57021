#!/usr/bin/python3
"""fulmar replay: it recomputes what a run did, rounds and asynchronous updates, says at which version a journal and its
run differ, and refuses a journal that is damaged or another run's."""
import json
import math
import shutil
from pathlib import Path

from driving.asynchronous import UPDATES_IN_EPOCH, Asynchronous
from driving.journal import History, check_updates, line_of, records_of
from driving.program import SMALL, check, fulmar, train

EPOCHS = 4
UPDATES = EPOCHS * UPDATES_IN_EPOCH
BOUND = 3


def bytes_of(directory):
    return {path: path.read_bytes() for path in sorted(Path(directory).rglob("*")) if path.is_file()}


def replay(directory, *words, code=0):
    before = bytes_of(directory)
    ended = fulmar("replay", directory, "--progress", "none", *words, code=code)
    check(bytes_of(directory) == before, "replay changed", directory)
    return ended


def copied(name, run="run"):
    shutil.copytree(run, name)
    return Path(name, "journal")


def refused(directory, *says, words=(), code=1):
    ended = replay(directory, *words, code=code)
    print(" ", ended.err.strip())
    for text in says:
        check(text in ended.err, ended.command, f"does not say '{text}':", ended.err)


def a_synchronous_run_is_equal():
    train(SMALL, {"run.directory": "rounds", "policy.kind": "sync"})
    checkpoints = len(History("rounds", "sync").checkpoints)
    found = replay("rounds", "--json").json()
    check(found == {"updates": 24, "checkpoints_compared": checkpoints, "validations_compared": 4, "equal": True,
                    "first_difference": None}, "it says:", found)
    check("equal" in replay("rounds", "--slots", 3).out, "other slots, another run")


def alone_all_policies_are_the_same_run():
    """One node takes one unit after the other: nothing is stale."""
    weights = {}
    for kind in ("sync", "bounded", "async"):
        words = {"run.directory": f"alone-{kind}", "policy.kind": kind}
        weights[kind] = train(SMALL, words, "--slots", 2)["weights_sha256"]
        check(replay(f"alone-{kind}", "--json").json()["equal"] is True, kind, "is not equal")
    check(len(set(weights.values())) == 1, "other weights:", weights)
    check_updates(History("alone-async", "async"), 24, 6)


def an_asynchronous_run():
    with Asynchronous(f"bounded:{BOUND}", EPOCHS) as cluster:
        cluster.start_head()
        for number in range(3):
            cluster.join(f"node-{number}")
        history = cluster.finish_checked()
    check(max(history.staleness()) > 0, "nobody computed beside another")
    return history


def up_to_a_version(history):
    for version in (1, 21, UPDATES):
        found = replay("run", "--until", version, "--json").json()
        compared = len([written for written in history.checkpoints if 0 < written <= version])
        check(found["equal"] is True and found["updates"] == version and found["checkpoints_compared"] == compared,
              "up to", version, "it says:", found)
    refused("run", "--until", "1 to " + str(UPDATES), words=["--until", UPDATES + 1])
    refused("run", "--until", words=["--until", 0], code=2)


def a_run_that_was_cut_off_is_equal():
    """Its head was killed amid asynchronous updates: the journal ends where a unit is missing before others."""
    for attempt in range(10):
        run = f"cut-off-{attempt}"
        with Asynchronous("async", EPOCHS, run=run) as cluster:
            cluster.start_head()
            for number in range(4):
                cluster.join(f"node-{number}")
            cluster.wait_for_version(UPDATES_IN_EPOCH + 3 + attempt)
            cluster.kill_head()
        history = cluster.history()
        found = replay(run, "--json").json()
        check(found["equal"] is True and found["updates"] == history.newest, "it says:", found)
        if {update["unit"] for update in history.updates.values()} != set(range(history.newest)):
            return
    check(False, "ten times the journal ended where no unit was missing")


def a_flipped_bit_is_refused():
    journal = copied("flipped")
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 0x10
    journal.write_bytes(data)
    refused("flipped", str(journal))


def a_torn_tail_is_noted():
    journal = copied("torn")
    with journal.open("ab") as file:
        file.write(b'0badc0de {"type":"upd')
    ended = replay("torn")
    check(str(journal) in ended.err and "21 bytes" in ended.err, "it does not say what is torn:", ended.err)
    check("equal" in ended.out, "it says:", ended.out)

    lines = journal.read_bytes().splitlines(keepends=True)
    check(b'"run_ended"' in lines[-2], "the last record is", lines[-2])
    journal.write_bytes(b"".join(lines[:-2]))  # as a crash leaves it that comes before the last record is durable
    found = replay("torn", "--json").json()
    check(found["equal"] is True and found["updates"] == UPDATES, "it says:", found)


def another_runs_is_refused():
    for name in ("journal", "manifest.json"):
        directory = f"foreign-{name}"
        copied(directory)
        shutil.copy(Path("alone-async", name), Path(directory, name))
        refused(directory, "belongs to run")
    Path("foreign-journal/journal").unlink()
    refused("foreign-journal", "foreign-journal/journal")


def rewrite(journal, changes):
    """Other members in the records of updates, by version (None: no record), and good checksums."""
    records = records_of(journal.parent)
    for record in list(records):
        change = changes.get(record["version"], {}) if record["type"] == "update" else {}
        if change is None:
            records.remove(record)
        else:
            record.update(change)
    journal.write_bytes(b"".join(line_of(record) for record in records))


def differing(name, version, changes):
    """Recomputed, the run is another one from that version on."""
    rewrite(copied(name), changes)
    found = replay(name, "--json", code=1).json()
    check(found["equal"] is False and found["first_difference"]["version"] == version, name, "gives:", found)
    said = replay(name, code=1).out
    check(f"first at version {version}" in said and found["first_difference"]["what"] in said, "it says:", said)
    print(f"  {name}: {json.dumps(found['first_difference'])}")


def what_was_changed_is_found(history):
    stale = next(version for version, update in sorted(history.updates.items())
                 if version > UPDATES // 2 and update["base"] < version - 1)

    loss = math.nextafter(history.updates[stale]["loss_sum"], math.inf)
    differing("another-loss", stale, {stale: {"loss_sum": loss}})
    differing("another-base", stale, {stale: {"base": stale - 1}})

    # Two units of one epoch change places, and have no checkpoint between them.
    first, second = UPDATES // 2 + 2, UPDATES // 2 + 3
    unit = {version: history.updates[version]["unit"] for version in (first, second)}
    differing("another-order", first, {first: {"unit": unit[second]}, second: {"unit": unit[first]}})


def what_contradicts_itself_is_refused(history):
    for name, change in (("without-one", None), ("one-twice", {"unit": history.updates[29]["unit"]})):
        journal = copied(name)
        rewrite(journal, {30: change})
        refused(name, str(journal), "version 30")


def main():
    a_synchronous_run_is_equal()
    alone_all_policies_are_the_same_run()
    history = an_asynchronous_run()
    up_to_a_version(history)
    a_run_that_was_cut_off_is_equal()
    a_flipped_bit_is_refused()
    a_torn_tail_is_noted()
    another_runs_is_refused()
    what_was_changed_is_found(history)
    what_contradicts_itself_is_refused(history)


main()
