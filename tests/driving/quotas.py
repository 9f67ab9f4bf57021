"""Gives a process a part of a core, by a control group of the test's own, so that it computes like a slower machine."""
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS = 10_000


def home_of_groups():
    """Where control groups with a CPU quota can be made; nothing where this machine does not allow it."""
    unified = GROUPS / "cgroup.subtree_control"
    candidates = [GROUPS] if unified.exists() and "cpu" in unified.read_text().split() else [GROUPS / "cpu"]
    for home in candidates:
        try:
            probe = home / "fulmar-probe"
            probe.mkdir()
            probe.rmdir()
            return home
        except OSError:
            pass
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
        yield ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
    finally:
        group.rmdir()  # who lived in it has ended
