#!/usr/bin/python3
"""On a full disk the run goes on, says so, keeps the last good checkpoint, and is whole again when there is room.

The disk is a small one in memory, mounted in a namespace of this test; where that is not allowed, the test is skipped.
"""
import os
import subprocess
import sys
from pathlib import Path

from driving.program import SMALL, Training, check, fulmar, train

SKIPPED = 77
NAMESPACE = ["unshare", "--map-root-user", "--mount"]
# Checkpoints of 0.5 MB on a disk of 4 MB; a second or two of training. It learns so fast that its best version is in
# the middle.
CONFIG = {"model.channels": "[64, 64]", "stop.epochs": 12, "checkpoint": "{every_rounds=5, keep=2}",
          "optimizer.learning_rate": 0.01}
FILLER = Path("disk/filler")


def fill():
    """Leaves no room at all."""
    with FILLER.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass


def good_checkpoints(run):
    inspection = fulmar("inspect", run, "--json").json()
    check(inspection["ok"], "a checkpoint is not good:", inspection)
    return [entry["version"] for entry in inspection["checkpoints"]]


def filled_after_first_checkpoint(training, run):
    training.wait_until(lambda: list(Path(run, "checkpoints").glob("[0-9]*")), "checkpoint")
    fill()
    training.wait_for_text("warning: no checkpoint of version")


def room_comes_back(expected):
    """Too late for the best version: the run has failed, and says of what; all else is there. Resumed, it is finished,
    the latest is scored, and nothing older is taken for the best."""
    best = expected["evaluation"]["version"]
    with Training(SMALL, CONFIG, {"run.directory": "disk/a"}) as training:
        filled_after_first_checkpoint(training, "disk/a")
        check(good_checkpoints("disk/a"), "the last good checkpoint is gone")
        training.wait_for_text(f"no checkpoint of version {best}")
        FILLER.unlink()
        ended = training.end(1)
    last_words = "\n".join(ended.err.splitlines()[-2:])
    print(last_words)
    for words in (f"best version {best}", "No space left", "--resume"):
        check(words in last_words, f"it does not say '{words}':", last_words)
    found = train(SMALL, CONFIG, {"run.directory": "disk/a"}, "--resume")
    check(found["weights_sha256"] == expected["weights_sha256"], "other weights:", found)
    check(good_checkpoints("disk/a")[-1] == found["version"], "the last version was not saved")
    scored = (found["evaluation"]["weights"], found["evaluation"]["version"])
    check(scored == ("latest", found["version"]), "scored were", scored)
    refused = fulmar("evaluate", "disk/a", "--weights", "best", code=1)
    check("could not be saved" in refused.err, "it says:", refused.err)


def full_until_the_end(expected):
    """The end of the run cannot be saved, so the run has failed, and says what to do; resumed, it is not lost."""
    with Training(SMALL, CONFIG, {"run.directory": "disk/b"}) as training:
        filled_after_first_checkpoint(training, "disk/b")
        ended = training.end(1)
    last_words = "\n".join(ended.err.splitlines()[-2:])
    print(last_words)
    check("No space left" in last_words and "--resume" in last_words, "its last words are:", last_words)
    check(good_checkpoints("disk/b"), "the last good checkpoint is gone")
    FILLER.unlink()
    found = train(SMALL, CONFIG, {"run.directory": "disk/b"}, "--resume")
    for key in ("weights_sha256", "version", "evaluation"):
        check(found[key] == expected[key], "resumed,", key, "is", found[key])


def main():
    if len(sys.argv) == 1:
        if subprocess.run([*NAMESPACE, "true"], check=False).returncode != 0:
            print("SKIPPED: this machine does not allow a mount namespace, so there is no small disk to fill")
            sys.exit(SKIPPED)
        os.execvp(NAMESPACE[0], [*NAMESPACE, sys.argv[0], "in-the-namespace"])
    Path("disk").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", "disk"], check=True)
    expected = train(SMALL, CONFIG, {"run.directory": "undisturbed"})
    check(expected["evaluation"]["version"] < expected["version"], "the best version is the last one")
    room_comes_back(expected)
    full_until_the_end(expected)


main()
