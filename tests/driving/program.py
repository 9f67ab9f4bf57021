"""Runs the program under test: commands to their end, and trainings that a test watches, interrupts and kills.

The environment names the program (FULMAR) and the source tree (FULMAR_SOURCE); the working directory is the test's own.
Every wait has a deadline; every process that was started is ended, by its id, when its `with` block ends.
"""
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

FULMAR = os.environ["FULMAR"]
SOURCE = Path(os.environ["FULMAR_SOURCE"])
WINDS = SOURCE / "data/examples/winds.toml"  # task A2, as the quickstart trains it: about a second an epoch
SMALL = SOURCE / "tests/driving/small.toml"  # 16 x 24 points, 24 updates: a quarter of a second in all
POLL_SECONDS = 0.002


def check(condition, *message):
    """Ends the test when `condition` does not hold."""
    if not condition:
        sys.exit("FAILED: " + " ".join(str(part) for part in message))


def wait_until(condition, what, seconds=60):
    """Returns what `condition` returns as soon as that is true; ends the test when it is not in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        check(time.monotonic() < deadline, f"within {seconds} s there was no", what)
        time.sleep(POLL_SECONDS)


@dataclass
class Ended:
    """A command that has ended."""

    command: str
    code: int
    out: str
    err: str

    def json(self):
        """The last line of stdout."""
        check(self.out.strip(), self.command, "printed nothing:", self.err)
        return json.loads(self.out.splitlines()[-1])


def arguments_of(words):
    """Words as the command line wants them; a dictionary becomes --set key=value for each of its entries."""
    arguments = []
    for word in words:
        if isinstance(word, dict):
            for key, value in word.items():
                arguments += ["--set", f"{key}={value}"]
        else:
            arguments.append(str(word))
    return arguments


def fulmar(*words, code=0, seconds=120):
    """Runs a command to its end, which must come with exit code `code`."""
    arguments = arguments_of(words)
    command = "fulmar " + " ".join(arguments)
    try:
        done = subprocess.run([FULMAR, *arguments], capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        sys.exit(f"FAILED: {command} did not end within {seconds} s")
    check(done.returncode == code, command, f"ended with {done.returncode} instead of {code}:\n{done.stdout}{done.stderr}")
    return Ended(command, done.returncode, done.stdout, done.stderr)


def train(*words, seconds=300):
    """Trains to the end; what the last line of stdout says."""
    return fulmar("train", *words, "--json", "--progress", "none", seconds=seconds).json()


class Background:
    """A command in the background. Its stdout and stderr go to files beside the test, so that no pipe fills."""

    started = 0

    def __init__(self, *words):
        Background.started += 1
        self.arguments = arguments_of(words)
        self.name = f"{self.arguments[0]}-{Background.started}"
        self.out_path = Path(f"{self.name}.out")
        self.err_path = Path(f"{self.name}.err")

    def __enter__(self):
        with self.out_path.open("w") as out, self.err_path.open("w") as err:
            self.begin = time.monotonic()
            self.process = subprocess.Popen([FULMAR, *self.arguments], stdout=out, stderr=err)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()

    def seconds(self):
        return time.monotonic() - self.begin

    def err(self):
        return self.err_path.read_text()

    def is_running(self):
        return self.process.poll() is None

    def wait_until(self, condition, what, seconds=120):
        """As wait_until(); the command must not end before."""
        def checked():
            found = condition()  # before asking whether it runs: what holds at its end counts as well
            check(found or self.is_running(), self.name, "ended before there was", what + ":", self.err())
            return found

        return wait_until(checked, what, seconds)

    def wait_for_text(self, text, seconds=60, times=1):
        self.wait_until(lambda: self.err().count(text) >= times, f"'{text}' on stderr", seconds)

    def runs_for(self, seconds):
        """Whether it still runs after so many seconds."""
        try:
            self.process.wait(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            return True

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=60)

    def end(self, code=0, seconds=120):
        """Waits for its end, which must come with exit code `code`."""
        try:
            found = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            sys.exit(f"FAILED: {self.name} did not end within {seconds} s: {self.err()}")
        check(found == code, f"{self.name} ended with {found} instead of {code}:", self.err())
        return Ended("fulmar " + " ".join(self.arguments), found, self.out_path.read_text(), self.err())


class Training(Background):
    """`fulmar train`. One that others may join says where it listens."""

    def __init__(self, *words, progress="none"):
        super().__init__("train", *words, "--json", "--progress", progress)

    def endpoint(self):
        """Where others join it."""
        self.wait_for_text("join with: fulmar join ")
        return self.err().split("join with: fulmar join ")[1].split()[0]


class Node(Background):
    """`fulmar join`, with one slot unless the words say otherwise."""

    def __init__(self, endpoint, *words, slots=1):
        super().__init__("join", endpoint, "--slots", slots, *words)

    def wait_until_joined(self, times=1):
        self.wait_for_text("joined as node ", times=times)
