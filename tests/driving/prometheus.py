"""A real Prometheus beside a test, with the configuration and the rules of monitoring/prometheus.

A month's patience is not a test's: what Prometheus is given is a copy of those files in which every stretch of time is
divided by `times_faster`, and which scrapes and evaluates five times a second. The files are rewritten by a few
patterns (hastened()), so there is no second set of rules. It listens on loopback, on a port that nobody else is
given, and keeps its data beside the test. Every wait has a deadline; the process ends when the `with` block ends.
"""
import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from driving.program import SOURCE, check, wait_until

CONFIGURATION = SOURCE / "monitoring/prometheus"
QUICK_SECONDS = 0.2
UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
# Where rules have a stretch of time: a range, a subquery's range and step, an offset, an alert's patience. A number of
# seconds in an expression is followed by "# seconds".
STRETCH = re.compile(r"(?P<before>\[|:(?=\d+\w+\])|\boffset |\bfor: )(?P<number>\d+)(?P<unit>ms|s|m|h|d|w)\b")
SECONDS = re.compile(r"(\d+)(?=\s*# seconds)")
INTERVALS = re.compile(r"\b(scrape_interval|scrape_timeout|evaluation_interval): \w+")


def hastened(rules, times_faster):
    """The text of a file of rules, with all its stretches of time divided."""
    def divided(found):
        milliseconds = int(found["number"]) * UNITS_MS[found["unit"]] / times_faster
        return f"{found['before']}{max(1, round(milliseconds))}ms"

    return SECONDS.sub(lambda found: f"{int(found[1]) / times_faster:g}", STRETCH.sub(divided, rules))


def write_configuration(folder, targets, times_faster, interval=QUICK_SECONDS):
    """A copy of monitoring/prometheus that scrapes these targets ("HOST:PORT"); the path of its prometheus.yml."""
    folder.mkdir(parents=True)
    every = f"{round(interval * 1000)}ms"
    configuration = (CONFIGURATION / "prometheus.yml").read_text()
    (folder / "prometheus.yml").write_text(INTERVALS.sub(rf"\1: {every}", configuration))
    for rules in CONFIGURATION.glob("fulmar.*.yml"):
        (folder / rules.name).write_text(hastened(rules.read_text(), times_faster))
    write_targets(folder, targets)
    return folder / "prometheus.yml"


def write_targets(folder, targets):
    """Prometheus sees by itself when the file changes."""
    beside = folder / "targets.new"
    beside.write_text(json.dumps([{"targets": list(targets)}]))  # JSON is YAML
    beside.rename(folder / "targets.yml")


def target_of(head):
    """Where a head that was given port 0 is to be scraped; it has said so on stderr."""
    return "127.0.0.1:" + re.search(r"metrics on port (\d+)", head.err())[1]


class Asked:
    """The HTTP API of a Prometheus at `address`, "HOST:PORT"."""

    def __init__(self, address):
        self.address = address

    def get(self, path, **arguments):
        """The data of an answer; ends the test when it is an error."""
        query = urllib.parse.urlencode(arguments, doseq=True)
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}?{query}", timeout=30) as answer:
                body = json.load(answer)
        except urllib.error.HTTPError as error:
            body = json.load(error)
        check(body["status"] == "success", f"Prometheus answers to {path} {arguments}:", body.get("error"))
        return body["data"]

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def query(self, expression):
        """What an instant query yields: (labels, value) of each series; of a scalar, one without labels."""
        data = self.get("query", query=expression)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(series["metric"], float(series["value"][1])) for series in data["result"]]

    def values(self, expression):
        return [value for _, value in self.query(expression)]

    def is_scraped(self):
        """Whether there are targets, and all of them answer."""
        targets = self.get("targets", state="active")["activeTargets"]
        return bool(targets) and all(target["health"] == "up" for target in targets)

    def metric_names(self):
        return set(self.get("label/__name__/values"))

    def alerts(self):
        """Those that are pending or firing: labels, state, annotations, value."""
        return self.get("alerts")["alerts"]

    def firing(self):
        return {alert["labels"]["alertname"] for alert in self.alerts() if alert["state"] == "firing"}

    def rules(self):
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]


class Prometheus(Asked):
    """Scrapes `targets`, and evaluates the rules `times_faster` than an operator's does."""

    def __init__(self, *targets, times_faster=60, folder="prometheus"):
        super().__init__("")
        self.folder = Path(folder)
        self.log_path = self.folder / "log"
        self.configuration = write_configuration(self.folder / "configuration", targets, times_faster)

    def __enter__(self):
        words = ["prometheus", f"--config.file={self.configuration}", f"--storage.tsdb.path={self.folder / 'data'}",
                 "--web.listen-address=127.0.0.1:0"]
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.address = self.wait_until(self.listening_address, "Prometheus that listens")
            self.wait_until(self.is_ready, "Prometheus that is ready")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=30)

    def log(self):
        return self.log_path.read_text()

    def listening_address(self):
        found = re.search(r'msg="Listening on" address=(\S+)', self.log())
        return found and found[1]

    def wait_until(self, condition, what, seconds=60):
        """As wait_until(); Prometheus must not end before."""
        def checked():
            found = condition()
            check(found or self.process.poll() is None, "Prometheus ended before there was", what + ":", self.log())
            return found

        return wait_until(checked, what, seconds)

    def scrape_also(self, *targets):
        """From now on these are the targets."""
        write_targets(self.configuration.parent, targets)

    def wait_until_scraped(self):
        self.wait_until(self.is_scraped, "target that answers")

    def wait_for_alert(self, name, seconds=60):
        """The alert, as soon as it fires."""
        def found():
            return next((alert for alert in self.alerts()
                         if alert["labels"]["alertname"] == name and alert["state"] == "firing"), None)

        return self.wait_until(found, f"alert {name}; there are {sorted(self.firing())}", seconds)
