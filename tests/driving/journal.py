"""A run's journal, read beside the program and from the description of its format alone (runtime/storage/journal.hpp,
journal_codec.hpp): which updates count, of which units they are made, under which policy."""
import json
from pathlib import Path

from driving.program import check

CRC32C_POLYNOMIAL = 0x82F63B78


def table_entry(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (CRC32C_POLYNOMIAL if byte & 1 else 0)
    return byte


TABLE = [table_entry(byte) for byte in range(256)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def line_of(record):
    """As the program writes it."""
    text = json.dumps(record, separators=(",", ":"), sort_keys=True).encode()
    return f"{crc32c(text):08x} ".encode() + text + b"\n"


def records_of(run):
    """All whole records; behind them there may be a tail that a crash has torn."""
    path = Path(run, "journal")
    lines = path.read_bytes().splitlines(keepends=True)
    records = []
    for number, line in enumerate(lines, 1):
        good = line.endswith(b"\n") and line[:8] == f"{crc32c(line[9:-1]):08x}".encode()
        if not good:
            check(number == len(lines), f"{path}: line {number} of {len(lines)} is not good:", line)
            break
        records.append(json.loads(line[9:]))
    return records


class History:
    """What counts of a journal. `policy`: what the run begins with."""

    def __init__(self, run, policy):
        self.begins_with = policy
        self.updates = {}  # by the version that they made
        self.switches = {}  # policies, by the version from which on each is in force
        self.checkpoints = {}  # SHA-256 of the weights, by version
        self.term = 0
        self.resumed_at = []  # the version that each term went on from
        self.newest = 0  # the version that a head has to know of that reads it
        for record in records_of(run):
            self.take(record)

    def take(self, record):
        kind, version = record["type"], record.get("version")
        if self.term > record.get("by_term", 0) > 0:
            return  # of a head that had been replaced
        if kind == "term_started":
            self.term = record["term"]
            self.resumed_at.append(version)
            self.forget_beyond(version)
        elif kind == "run_ended" and record["completed"]:
            self.forget_beyond(version)
        elif kind == "update":
            check(version not in self.updates, "the update of version", version, "is in the journal twice")
            self.updates[version] = record
        elif kind == "policy_switched":
            self.switches[version] = record["policy"]
        elif kind == "checkpoint_written":
            self.checkpoints[version] = record["weights_sha256"]
        else:
            return
        self.newest = max(self.newest, version)

    def forget_beyond(self, version):
        for found in (self.updates, self.switches, self.checkpoints):
            for later in [key for key in found if key > version]:
                del found[later]
        self.newest = version

    def policy_of(self, version):
        """By which `version` was made."""
        begun = [since for since in self.switches if since < version]
        return self.switches[max(begun)] if begun else self.begins_with

    def made_of(self, version):
        """Unit and base of the update that made `version`: in rounds they are the version before it."""
        update = self.updates.get(version)
        return (update["unit"], update["base"]) if update else (version - 1, version - 1)

    def staleness(self):
        """Of each asynchronous update."""
        return [version - 1 - update["base"] for version, update in sorted(self.updates.items())]


def check_updates(history, end, updates_in_epoch):
    """Each unit up to version `end` has one update, in its own epoch, none staler than the policy in force allowed."""
    made = set()
    for version in range(1, end + 1):
        policy = history.policy_of(version)
        unit, base = history.made_of(version)
        what = f"version {version}, by {policy} of unit {unit} from version {base}"
        check((version in history.updates) == (policy != "sync"), what, "is wrongly in the journal or out of it")
        check(unit not in made, what + ": another version is made of that unit already")
        check(unit // updates_in_epoch == (version - 1) // updates_in_epoch, what, "is of another epoch")
        check(base < version, what, "comes before its base")
        if policy.startswith("bounded:"):
            check(version - 1 - base <= int(policy.split(":")[1]), what, "is staler than that")
        made.add(unit)
    check(made == set(range(end)), "units without an update:", sorted(set(range(end)) - made))
    check(not [version for version in history.updates if version > end], "updates beyond the end:", history.updates)
