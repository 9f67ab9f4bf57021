"""Runs clusters on this machine: a head and joiners, each a process of its own, that a test starts, kills, freezes
and drains, and whose weights must be those of the undisturbed run of one process.

Nodes are paced (tests/driving/paced): a leaf occupies its slot for a stated time by timer, so that many processes on
two cores behave like many machines. What the head sees is followed in its event log. Every wait has a deadline;
every process that was started is ended, by its id, when its `with` block ends. CHAOS_SEED replays what is drawn at
random.
"""
import json
import os
import random
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from driving.program import SOURCE, arguments_of, check, fulmar, train, wait_until

PACED = os.environ["FULMAR_BUILD"] + "/fulmar_paced"
CLUSTER = SOURCE / "tests/driving/cluster.toml"
# How long a node may take to come back after its head did: liveness' longest back-off (4 s), a slow machine, and some.
COMES_BACK_SECONDS = 30


def chaos(name=""):
    """A source of chance whose seed is printed, or is that of CHAOS_SEED."""
    seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(2**32)))
    print(f"CHAOS_SEED={seed}", flush=True)
    return random.Random(f"{seed}{name}")


def free_endpoint():
    """A port of this machine that is free, as is the next one, where a head has its tensors. Beyond those that the
    system hands out by itself, so that both are still free when a head comes back to them."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    draw = random.SystemRandom()
    for _ in range(1000):
        port = draw.randrange(10_000, lowest - 1)
        try:
            with socket.socket() as control, socket.socket() as tensors:
                control.bind(("127.0.0.1", port))
                tensors.bind(("127.0.0.1", port + 1))
            return f"tcp://127.0.0.1:{port}"
        except OSError:
            pass
    raise SystemExit("FAILED: no two ports beside each other are free")


class Process:
    """One process of a cluster. Its stdout and stderr go to files beside the test, so that no pipe fills."""

    def __init__(self, name, arguments, environment, inside=()):
        self.name = name
        self.out_path, self.err_path = Path(f"{name}.out"), Path(f"{name}.err")
        self.command = " ".join(["fulmar", *arguments])
        with self.out_path.open("a") as out, self.err_path.open("a") as err:
            self.begins_at = err.tell()
            self.process = subprocess.Popen([*inside, PACED, *arguments], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, env={**os.environ, **environment})
        self.is_frozen = False
        self.node = ""  # its name in the run

    def err(self):
        """What it has said on stderr since it was started."""
        return self.err_path.read_bytes()[self.begins_at:].decode()

    def is_running(self):
        return self.process.poll() is None

    def runs_for(self, seconds):
        """Whether it still runs after so many seconds."""
        try:
            self.process.wait(timeout=max(0, seconds))
            return False
        except subprocess.TimeoutExpired:
            return True

    def send(self, number):
        self.process.send_signal(number)

    def freeze(self):
        self.send(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self):
        self.send(signal.SIGCONT)
        self.is_frozen = False

    def drain(self):
        """As an operator does it; its end is to be awaited."""
        self.send(signal.SIGTERM)

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait(timeout=60)

    def end(self, code=0, seconds=60):
        """Waits for its end, which must come with exit code `code`, or, if that is None, in an orderly way."""
        wait_until(lambda: not self.is_running(), f"end of {self.name}, which says: {self.err()}", seconds)
        allowed = (0, 1) if code is None else (code,)
        check(self.process.returncode in allowed, self.command, "ended with", self.process.returncode, "instead of",
              f"{code}:\n{self.err()}")

    def resident_bytes(self):
        return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())[1]) * 1024


class EventLog:
    """What a head saw, in all its lives, as tests/driving/paced/event_log.hpp writes it."""

    def __init__(self, path):
        self.path = Path(path)
        self.events = []  # (seconds on time.monotonic(), event, members)
        self.version = 0  # that is out
        self.states = {}  # of nodes that are members, by name
        self.read_bytes = 0

    def refresh(self):
        """Reads what is new; the log itself."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self.read_bytes)
                new = file.read()
            whole = new[:new.rfind(b"\n") + 1]
            self.read_bytes += len(whole)
            for line in whole.decode().splitlines():
                nanoseconds, event, members = line.split(" ", 2)
                self.take(int(nanoseconds) / 1e9, event, json.loads(members))
        return self

    def take(self, seconds, event, members):
        self.events.append((seconds, event, members))
        if event == "started":
            self.version, self.states = 0, {}
        elif event == "round":
            self.version = members["version"]
        elif event == "member":
            self.states[members["name"]] = members["state"]
        elif event == "gone":
            self.states.pop(members["name"], None)

    def active(self):
        return {name for name, state in self.states.items() if state == "active"}

    def named(self, *names):
        return [(seconds, members) for seconds, event, members in self.events if event in names]


class Cluster:
    """A head and its joiners. `config` are words for the command line: a file, and what is set beside it."""

    def __init__(self, *config, listen=None, pace_ms=40, run="run", keys=None, head_slots=0, head_words=()):
        self.run = run
        self.config = [*(config or [CLUSTER]), {"run.directory": run}]
        self.endpoint = listen or free_endpoint()
        self.pace_ms = pace_ms
        self.keys = Path(keys) if keys else None
        self.head_slots = head_slots
        self.head_words = [*head_words, *(["--keys", self.keys / "head"] if keys else [])]
        self.log = EventLog(f"{run}.events")
        self.head = None
        self.joiners = {}  # the newest process of each node, by name; perhaps it has ended
        self.ways_in = {}  # how to start each anew
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.is_running():
                process.kill()

    # ---- the head

    def start_head(self, *words, inside=()):
        """Starts the head and waits until it listens."""
        arguments = arguments_of(["train", *self.config, "--listen", self.endpoint, "--slots", self.head_slots,
                                  "--metrics", "127.0.0.1:0", "--json", "--progress", "lines", *self.head_words,
                                  *words])
        environment = {"FULMAR_PACE_MS": str(self.pace_ms), "FULMAR_EVENTS": str(self.log.path)}
        self.head = self.begun(Process(f"{self.run}-head", arguments, environment, inside))
        self.wait_until(lambda: "fulmar join " in self.head.err() and "metrics on port" in self.head.err(),
                        "head that listens", 60)
        return self.head

    def resume_head(self):
        return self.start_head("--resume")

    def kill_head(self):
        """At any moment: what the head has seen so far is the version that is out."""
        self.head.kill()
        return self.log.refresh().version

    def begun(self, process):
        self.processes.append(process)
        return process

    # ---- joiners

    def join(self, node, pace_ms=None, slots=1, keys="worker", inside=(), endpoint=None):
        """Starts a joiner; that it was admitted is to be awaited."""
        arguments = arguments_of(["join", endpoint or self.local_endpoint(), "--name", node, "--slots", slots,
                                  *(["--keys", self.keys / keys] if self.keys else [])])
        environment = {"FULMAR_PACE_MS": str(self.pace_ms if pace_ms is None else pace_ms)}

        def begin():
            self.joiners[node] = self.begun(Process(f"{self.run}-{node}", arguments, environment, inside))
            self.joiners[node].node = node
            return self.joiners[node]

        self.ways_in[node] = begin
        return begin()

    def join_again(self, node):
        """The process of before has ended; another comes in its place."""
        check(not self.joiners[node].is_running(), node, "still runs")
        return self.ways_in[node]()

    def local_endpoint(self):
        """Where one joins who is beside the head."""
        return self.endpoint.replace("//*:", "//127.0.0.1:")

    def running(self):
        """The joiners that run and are not frozen."""
        return [joiner for joiner in self.joiners.values() if joiner.is_running() and not joiner.is_frozen]

    # ---- what one waits for

    def wait_until(self, condition, what, seconds=60):
        """As wait_until(); the head must not end before, unless `condition` holds then."""
        def checked():
            found = condition()
            check(found or self.head.is_running(), "the head ended before there was", what + ":", self.head.err())
            return found

        return wait_until(checked, what, seconds)

    def wait_for_version(self, version, seconds=120):
        self.wait_until(lambda: self.log.refresh().version >= version, f"version {version}", seconds)

    def wait_for_active(self, *names, seconds=COMES_BACK_SECONDS):
        self.wait_until(lambda: set(names) <= self.log.refresh().active(), f"share for {', '.join(names)}", seconds)

    def wait_until_gone(self, *names, seconds=COMES_BACK_SECONDS):
        self.wait_until(lambda: not set(names) & set(self.log.refresh().states), f"end of {', '.join(names)}", seconds)

    # ---- what it says of itself

    def status(self):
        return self.asked("status", "--json").json()

    def asked(self, command, *words, keys="admin", code=0):
        """A command that speaks with the head, to its end."""
        keys = ["--keys", self.keys / keys] if self.keys else []
        return fulmar(command, self.local_endpoint(), *words, *keys, code=code)

    def metrics(self):
        """The value of each series, by its name with its labels."""
        port = re.search(r"metrics on port (\d+)", self.head.err())[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            lines = [line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line[0] != "#"]
        return {name: float(value) for name, value in lines}

    def dropped(self):
        """What was not taken from the network: how much, by reason."""
        counts = {}
        for name, value in self.metrics().items():
            found = re.match(r'fulmar_network_dropped_packets_total\{.*reason="(\w+)"', name)
            if found:
                counts[found[1]] = counts.get(found[1], 0) + int(value)
        return counts

    # ---- the end

    def finish(self, seconds=180):
        """Waits for the end of the run and of all who take part in it; the result."""
        self.head.end(seconds=seconds)
        members = set(self.log.refresh().states)
        for joiner in self.running():
            if joiner.node in members:
                joiner.end(seconds=COMES_BACK_SECONDS)
        return result(self.run, self.summary())

    def summary(self):
        """What the head says of a run that has ended."""
        return json.loads(self.head.out_path.read_text().splitlines()[-1])


def result(run, summary):
    """All of a run that must be the same however it was computed: its weights, and which samples went into them."""
    inspected = fulmar("inspect", run, "--json").json()
    check(inspected["ok"], "a checkpoint is not good:", inspected)
    state = json.loads((max(Path(run, "checkpoints").glob("[0-9]*")) / "state.json").read_text())
    ledger = {key: state[key] for key in ("epoch", "position", "samples_counted", "updates_applied", "voided")}
    return {"weights_sha256": summary["weights_sha256"], "version": summary["version"], "best": inspected["best"],
            "train_loss": state["train_loss"], "validation": state["validation"], **ledger}


def undisturbed(*config, run="undisturbed"):
    """The result of the same run in one process, where nothing happens."""
    begin = time.monotonic()
    words = [*(config or [CLUSTER]), {"run.directory": run}, "--slots", 2]
    expected = result(run, train(*words, seconds=600))
    print(f"undisturbed: {expected} in {time.monotonic() - begin:.1f} s", flush=True)
    return expected


def check_same(found, expected, what):
    check(found == expected, what, f"gave\n  {found}\ninstead of\n  {expected}")
    print(f"{what}: the same result", flush=True)
