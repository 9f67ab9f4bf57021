#!/usr/bin/python3
"""What it costs a run of a tiny model to be watched: the same run with and without --metrics, which is scraped and shown
on a status page every second, in turns; wished: under 1 %. FULMAR_BEFORE names another build of the program: then that
one is measured against this, both without --metrics, for what is measured in every run."""
import contextlib
import http.client
import itertools
import os
import re
import resource
import statistics
import threading
import urllib.request

import driving.program
from driving.measuring import wished
from driving.program import SMALL, Training

PAIRS = wished("PAIRS", 9)
UPDATES = wished("UPDATES", 4000)
PROCESSORS = sorted(os.sched_getaffinity(0))
NUMBERS = itertools.count(1)
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
    with contextlib.suppress(OSError, http.client.HTTPException):  # the run is over
        while not over.wait(1):
            for path in ("metrics", "status.json", "history.json"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10).read()


def cost_of_an_update(run, program=None, watched=False):
    """Microseconds: by the clock, and of processors, with start and end of the program in the latter."""
    usual = driving.program.FULMAR
    driving.program.FULMAR = program or usual
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        os.sched_setaffinity(0, PROCESSORS[:1])  # the program inherits it: threads that move about are most of the noise
        words = ("--slots", "1", "--json") + (("--metrics", "127.0.0.1:0") if watched else ())
        with Training(SMALL, *words, {"run.directory": run, **TINY}) as training:
            os.sched_setaffinity(0, PROCESSORS[1:] or PROCESSORS)
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
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1e6 * summary["wall_seconds"] / summary["version"], 1e6 * processor / summary["version"]


def compare(name, first, second):
    """In turns, and every other time the other way round: what changes in the machine meanwhile meets both."""
    costs = {first: [], second: []}
    for pair in range(PAIRS):
        for measured in (first, second) if pair % 2 == 0 else (second, first):
            costs[measured].append(cost_of_an_update(f"run-{next(NUMBERS)}", *measured))
    print(f"{name}, medians of {PAIRS} pairs:")
    for kind, of in (("by the clock", 0), ("processor time", 1)):
        firsts, seconds = ([cost[of] for cost in costs[one]] for one in (first, second))
        ratios = sorted(b / a for a, b in zip(firsts, seconds))
        print(f"  {kind}: {statistics.median(firsts):.1f} and {statistics.median(seconds):.1f} us an update, "
              f"ratio of each pair {statistics.median(ratios):.4f} "
              f"(quartiles {ratios[len(ratios) // 4]:.4f} and {ratios[-1 - len(ratios) // 4]:.4f})", flush=True)


PLAIN, WATCHED = (None, False), (None, True)
if "FULMAR_BEFORE" in os.environ:
    compare("the other build, and this one", (os.environ["FULMAR_BEFORE"], False), PLAIN)
compare("not watched, and watched", PLAIN, WATCHED)
