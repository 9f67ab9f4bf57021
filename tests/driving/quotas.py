"""Gives a process a part of a core, by a control group of the test's own, so that it computes like a slower machine."""
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS = 10_000
# The most that may be asked for: what the quota allows is there even where others compute as well.
WEIGHT = {"cpu.weight": "10000", "cpu.shares": "262144"}


def home_of_groups():
    """Where control groups with a CPU quota can be made; nothing where this machine does not allow it."""
    unified = GROUPS / "cgroup.subtree_control"
    home = GROUPS if unified.exists() and "cpu" in unified.read_text().split() else GROUPS / "cpu"
    try:
        probe = home / "fulmar-probe"
        probe.mkdir()
        probe.rmdir()
        return home
    except OSError:
        return None


@contextmanager
def quota(home, name, cores):
    """Command words with which a process starts with no more than so much of a core."""
    group = home / name
    group.mkdir()
    try:
        microseconds = int(cores * PERIOD_MICROSECONDS)
        if (group / "cpu.max").exists():
            (group / "cpu.max").write_text(f"{microseconds} {PERIOD_MICROSECONDS}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(microseconds))
        for file, weight in WEIGHT.items():
            if (group / file).exists():
                (group / file).write_text(weight)
        yield ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
    finally:
        group.rmdir()  # who lived in it has ended
