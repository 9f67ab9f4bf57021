#!/usr/bin/python3
"""What it costs a run of a tiny model to be watched: the same run with and without --metrics, which is scraped and shown
on a status page every second, in turns; wished: under 1 %. FULMAR_BEFORE names another build of the program: then that
one is measured against this, both without --metrics, for what is measured in every run."""
import os
import re
import statistics
import threading
import urllib.request

import driving.program
from driving.measuring import wished
from driving.program import SMALL, Training

PAIRS = wished("PAIRS", 9)
UPDATES = wished("UPDATES", 4000)
TINY = {
    "model.kind": "linear",
    "policy.leaves": 4,
    "stop.epochs": UPDATES,
    "stop.updates": UPDATES,
    "checkpoint.every_rounds": 10**6,
}


def watch(training, over):
    """Asks as Prometheus and a page would, more often than they do."""
    port = re.search(r"metrics on port (\d+)", training.err()).group(1)
    while not over.wait(1):
        for path in ("metrics", "status.json", "history.json"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10).read()


def microseconds_an_update(number, program=None, watched=False):
    usual = driving.program.FULMAR
    driving.program.FULMAR = program or usual
    try:
        words = ("--slots", "1", "--json") + (("--metrics", "127.0.0.1:0") if watched else ())
        with Training(SMALL, *words, {"run.directory": f"run-{number}", **TINY}) as training:
            over = threading.Event()
            watcher = threading.Thread(target=watch, args=(training, over))
            if watched:
                training.wait_for_text("metrics on port")
                watcher.start()
            summary = training.end(seconds=600).json()
            over.set()
            if watched:
                watcher.join()
    finally:
        driving.program.FULMAR = usual
    return 1e6 * summary["wall_seconds"] / summary["version"]


def compare(name, first, second):
    ratios, firsts, seconds = [], [], []
    for pair in range(PAIRS):
        firsts.append(first(2 * pair))
        seconds.append(second(2 * pair + 1))
        ratios.append(seconds[-1] / firsts[-1])
    print(f"{name}: {statistics.median(firsts):.1f} and {statistics.median(seconds):.1f} us an update (medians of {PAIRS}); "
          f"ratio of each pair: median {statistics.median(ratios):.4f}, from {min(ratios):.4f} to {max(ratios):.4f}")


if "FULMAR_BEFORE" in os.environ:
    compare("the other build, and this one", lambda n: microseconds_an_update(n, os.environ["FULMAR_BEFORE"]),
            microseconds_an_update)
compare("not watched, and watched", microseconds_an_update, lambda n: microseconds_an_update(n, watched=True))
