#!/usr/bin/python3
"""SIGINT and SIGTERM end a training with a checkpoint, at any other time and when they come twice the process at once."""
import os
import signal
import subprocess
from pathlib import Path

from driving.program import FULMAR, SMALL, Training, arguments_of, check, fulmar

LONG = {"stop.epochs": 400_000}


def the_first_ends_it_with_a_checkpoint(number, name):
    run = f"stopped-by-{name}"
    with Training(SMALL, LONG, {"run.directory": run}, progress="lines") as training:
        training.wait_for_text("round ")
        training.send(number)
        ended = training.end()
    version = ended.json()["version"]
    check(0 < version == fulmar("inspect", run, "--json").json()["version"], "it was not saved:", version)
    check(f"{name}: stopping with a checkpoint" in ended.err, "it says:", ended.err)
    check("" not in ended.err.splitlines(), "an empty line, and no bar to leave:", ended.err)


def before_the_training_it_ends_at_once(number):
    """Opening the config is where it waits: a pipe that nobody writes to."""
    os.mkfifo("config")
    process = subprocess.Popen([FULMAR, *arguments_of(["train", "config", {"run.directory": "never"}])])
    try:
        writer = os.open("config", os.O_WRONLY)  # returns when the program has opened it, so its signals are watched
        process.send_signal(number)
        code = process.wait(timeout=60)
        os.close(writer)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=60)
    check(code == 128 + number, "before the training it ended with", code)
    check(not Path("never").exists(), "it left a run directory behind")
    os.unlink("config")


def the_watcher_outlives_a_foreign_signal():
    with Training(SMALL, LONG, {"run.directory": "prodded"}, progress="lines") as training:
        training.wait_for_text("round ")
        training.send(signal.SIGUSR2)
        training.wait_until(lambda: Path("prodded/checkpoints/latest").exists(), "checkpoint")
        training.send(signal.SIGTERM)
        training.end()


def main():
    for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")):
        the_first_ends_it_with_a_checkpoint(number, name)
        before_the_training_it_ends_at_once(number)
    the_watcher_outlives_a_foreign_signal()


main()
