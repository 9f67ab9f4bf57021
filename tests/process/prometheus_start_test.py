#!/usr/bin/python3
"""monitoring/prometheus/start: one command, from any directory, and a Prometheus collects a run's figures and watches
them by our rules; Ctrl-C ends it, and what it has collected is there when it is started again."""
import re
import signal
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from driving.cluster import free_endpoint
from driving.program import SMALL, Training, check, wait_until
from driving.prometheus import CONFIGURATION, Asked, target_of

START = CONFIGURATION / "start"
RUN = {"stop.epochs": 400_000, "checkpoint.every_rounds": 1000}  # as long as the test
LOG = Path("start.log")


@contextmanager
def started(port, target):
    """Prometheus as `start` has started it; ends by what Ctrl-C sends, with exit code 0."""
    words = [START, target, "--port", port, "--data", "kept/here"]
    with LOG.open("w") as log:
        process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    prometheus = Asked(f"127.0.0.1:{port}")
    try:
        def is_ready():
            check(process.poll() is None, "it ended:", LOG.read_text())
            return prometheus.is_ready()

        wait_until(is_ready, "Prometheus that is ready")
        yield prometheus
        process.send_signal(signal.SIGINT)
        check(process.wait(timeout=60) == 0, "it ended with", process.returncode, LOG.read_text())
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=60)
    check(not prometheus.is_ready(), "something still listens at", prometheus.address)


def what_it_refuses(port):
    """While another listens there."""
    refused = subprocess.run([START, "--port", str(port)], capture_output=True, text=True, timeout=60, check=False)
    proposed = re.search(r"Port (\d+) is free: .*--port \1$", refused.stderr, re.M)
    check(refused.returncode == 1 and "taken" in refused.stderr and proposed, "of a taken port it says:", refused.stderr)
    check(int(proposed[1]) != port, "it proposes the port that is taken")
    for words, code, what in ((["nonsense"], 2, "HOST:PORT"),
                              (["--port", "0"], 2, "not a port"), (["--port"], 2, "needs a value"),
                              (["--ports", "1"], 2, "--ports")):
        done = subprocess.run([START, *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
        check(done.returncode == code and what in done.stderr, words, f"ended with {done.returncode}:", done.stderr)


def check_pages(said, address):
    """That the addresses that it names are of pages, and one of them of the alerts."""
    pages = re.findall(rf"http://{re.escape(address)}/\S+", said)
    check(len(pages) == 2, "it names the pages", pages)
    for page in pages:
        with urllib.request.urlopen(page, timeout=10) as answer:
            check("Prometheus" in answer.read().decode(), page, "is no page to look at")
    check(pages[1].endswith("/alerts"), "it does not say where the alerts are:", said)


def main():
    port = int(free_endpoint().rsplit(":", 1)[1])
    with Training(SMALL, RUN, "--slots", 1, "--metrics", "127.0.0.1:0") as training:
        training.wait_for_text("metrics on port ")
        target = target_of(training)
        with started(port, target) as prometheus:
            said = LOG.read_text()
            check(target in said and f"http://127.0.0.1:{port}" in said, "it says:", said)
            wait_until(prometheus.is_scraped, "target that answers")
            wait_until(lambda: prometheus.values("fulmar_version"), "figure of the run")
            check(all(rule["health"] in ("ok", "unknown") for rule in prometheus.rules()), "rules:", prometheus.rules())
            check(any(rule["type"] == "alerting" for rule in prometheus.rules()), "it has no alerts")
            check_pages(said, prometheus.address)
            what_it_refuses(port)
        with started(port, target) as prometheus:
            check(prometheus.values("max_over_time(fulmar_version[10m])"), "what it had collected is gone")


main()
