"""Report data for pages that no short run leaves: a month with 200 nodes and many deaths, leads, values that are missing,
an uneven grid of a region, a run that has nothing to show.

The JSON is that of `fulmar report` (monitoring/web/report.js reads it). in_page() puts it into a page which that command
has written.
"""
import array
import base64
import json
import math
import random
import re
from datetime import datetime, timezone

DAY = 86400
BEGIN = datetime(2026, 10, 24, 6, 0, tzinfo=timezone.utc).timestamp()
MISSING = -32768
DATA = re.compile(r'(<script type="application/json" id="report-data">)(.*?)(</script>)', re.S)


def data_in(page):
    """The JSON that a page holds."""
    return json.loads(DATA.search(page)[2])


def in_page(page, data):
    """The same page with other data."""
    text = json.dumps(data).replace("<", "\\u003c")
    return DATA.sub(lambda found: found[1] + text + found[3], page, count=1)


def clock(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def field(values):
    """Packed as the report packs it; None where a value is missing."""
    there = [value for value in values if value is not None]
    low, high = min(there), max(there)
    scale, offset = (high - low) / 65000 or 1.0, (high + low) / 2
    codes = array.array("h", (MISSING if value is None else round((value - offset) / scale) for value in values))
    return {"scale": scale, "offset": offset, "missing": MISSING, "int16": base64.b64encode(codes.tobytes()).decode()}


def unpacked(packed):
    """The values of a field; None where one is missing."""
    codes = array.array("h", base64.b64decode(packed["int16"]))
    return [None if code == packed["missing"] else packed["offset"] + packed["scale"] * code for code in codes]


def bare_report():
    """A run that has only just begun: one node, no event, no score, no map, no checkpoint."""
    return {
        "program": "0.1.0", "written": clock(BEGIN),
        "run": {"id": "0" * 32, "name": "bare", "directory": "runs/bare", "config": '[run]\nname = "bare"\n',
                "config_sha256": "1" * 64, "weights_sha256": None, "manifest": {}, "version": 0, "epoch": 0, "epochs": 60,
                "end_version": 660, "samples": 0, "parameters": 10, "policy": "sync", "finished": False, "reason": ""},
        "terms": [{"term": 1, "version": 0}],
        "history": {"term": [], "version": [], "time": [], "loss": [], "samples_per_second": [], "nodes": []},
        "validation": [], "best_version": None, "scores": None, "maps": None, "events": [],
        "ledger": {"epochs_complete": 0, "samples_counted": 0, "rounds": 0, "voided_rounds": []},
        "failures": {"joins": 0, "departures": 0, "lost": 0, "slots": 0},
        "checkpoints": [], "policies": [{"version": 0, "policy": "sync"}], "notes": ["the run has no good checkpoint yet"]}


def unfinished_report():
    """A run in its 180th epoch, long after its best version; its policy was switched, and two nodes were lost for short."""
    report = bare_report()
    end = BEGIN + 290

    def event(at, kind, severity, text, **more):
        return {"time": clock(BEGIN + at), "kind": kind, "severity": severity, "term": 1, "version": 0, "text": text,
                **more}

    bob, dot = {"node": 2, "name": "bob"}, {"node": 3, "name": "dot"}
    report["events"] = [
        event(0, "run_started", "note", "the run begins"),
        event(0, "node_joined", "note", "node 1 (vm) joined with 1 slot", node=1, name="vm"),
        event(1, "node_joined", "note", "node 2 (bob) joined with 1 slot", **bob),
        event(1, "node_joined", "note", "node 3 (dot) joined with 1 slot", **dot),
        event(100, "node_lost", "warning", "node 2 (bob) was lost (nothing was heard of it for 700 ms)", **bob),
        event(100.1, "leaves_moved", "note", "the 2 leaves of node 2 (bob) went to node 1 (vm), 704 ms after its last word",
              seconds=0.704, **bob),
        event(101, "node_returned", "note", "node 2 (bob) is back with 1 slot", **bob),
        event(200, "node_lost", "warning", "node 3 (dot) was lost (its connection was closed)", **dot),
        event(end - BEGIN, "validated", "detail", "version 2277 has a validation loss of 0.33")]
    versions = list(range(11, 2278, 11))
    times = [BEGIN + 290 * version / 2277 for version in versions]
    report["history"] = {"term": [1] * len(versions), "version": versions, "time": times,
                         "loss": [0.17 + 0.05 * (i % 3) for i in range(len(versions))],
                         "samples_per_second": [130.0] * len(versions), "nodes": [3] * len(versions)}
    report["validation"] = [{"version": version, "loss": 0.33 + abs(version - 1144) / 9000} for version in versions]
    report["policies"].append({"version": 1180, "policy": "bounded:4"})
    report["failures"] = {"joins": 4, "departures": 0, "lost": 2, "slots": 0}
    report["checkpoints"] = [
        {"version": 1144, "kind": "weights", "weights_sha256": "a" * 64, "bytes": 35192, "ok": True},
        {"version": 1971, "kind": "full", "weights_sha256": "b" * 64, "bytes": 105680, "ok": True}]
    report["scores"] = {**scores_by_lead(random.Random(1)), "version": 1144}
    report["run"].update(version=1971, epoch=179, epochs=400, end_version=4400, samples=15036, weights_sha256="b" * 64,
                         policy="bounded:4", reason=None, manifest={"train_samples": 84, "leaves": 8, "leaf_size": 1})
    report.update(best_version=1144, written=clock(end + 1), notes=[])
    return report


def crowded_report(nodes=200, days=30, seed=1):
    """A month: most nodes stay, some come and go, die and return; the head is started three times."""
    draw = random.Random(seed)
    report = bare_report()
    report["notes"] = []
    end = BEGIN + days * DAY
    terms = [BEGIN, BEGIN + 0.31 * days * DAY, BEGIN + 0.7 * days * DAY]
    events = CrowdEvents(draw, terms, end)
    for node in range(1, nodes + 1):
        events.live(node, restless=node % 9 == 0)
    events.run_itself()
    report["events"] = events.in_order()
    kinds = [event["kind"] for event in report["events"]]
    report["failures"] = {"joins": kinds.count("node_joined") + kinds.count("node_returned"),
                          "departures": kinds.count("node_left"), "lost": kinds.count("node_lost"), "slots": 1}
    report["terms"] = [{"term": i + 1, "version": events.version(time)} for i, time in enumerate(terms)]
    steps = [BEGIN + (end - BEGIN) * i / 600 for i in range(601)]
    report["history"] = {
        "term": [events.term(time) for time in steps], "version": [events.version(time) for time in steps], "time": steps,
        "loss": [0.2 + math.exp(-i / 80) + 0.02 * draw.random() for i in range(601)],
        "samples_per_second": [70 * nodes * (1 + 0.1 * draw.random()) for _ in steps],
        "nodes": [nodes - int(10 * draw.random()) for _ in steps]}
    report["validation"] = [{"version": events.version(time), "loss": 0.3 + math.exp(-i / 9)}
                            for i, time in enumerate(steps[::10])]
    report["best_version"] = report["validation"][-1]["version"]
    report["run"].update(name="a month of 200 nodes", version=events.version(end), epoch=412, epochs=412, finished=True,
                         samples=10**9, weights_sha256="2" * 64, reason="412 epochs are complete",
                         end_version=events.version(end))
    report["ledger"] = {"epochs_complete": 412, "samples_counted": 10**9, "rounds": events.version(end),
                        "voided_rounds": [{"version": 77, "reason": "the gradient of leaf 3 is not finite"}]}
    report["scores"] = scores_by_lead(draw)
    report["maps"] = regional_maps()
    return report


class CrowdEvents:
    def __init__(self, draw, terms, end):
        self.draw, self.terms, self.end = draw, terms, end
        self.events = []

    def term(self, time):
        return sum(begin <= time for begin in self.terms)

    def version(self, time):
        return int((time - BEGIN) / 2)

    def add(self, time, kind, severity, text, **more):
        self.events.append({"time": clock(time), "kind": kind, "severity": severity, "term": self.term(time),
                            "version": self.version(time), "text": text, **more})

    def live(self, node, restless):
        name = f"gpu-{node:03}"
        who = {"node": node, "name": name}
        begin = BEGIN + (self.draw.random() * DAY * 20 if restless else self.draw.random() * 600)
        self.add(begin, "node_joined", "note", f"node {node} ({name}) joined with 8 slots", **who)
        for head in self.terms:
            if head > begin:
                self.add(head + 5 + self.draw.random(), "node_returned", "note", f"node {node} ({name}) came back", **who)
        time = begin
        while restless and (time := time + self.draw.expovariate(1 / (2 * DAY))) < self.end - 3600:
            took = 0.02 + self.draw.expovariate(20)
            self.add(time, "node_lost", "warning", f"node {node} ({name}) was lost (connection closed)",
                     reason="connection closed", **who)
            self.add(time + took, "leaves_moved", "note", f"the 3 leaves of node {node} ({name}) went to node 1 (gpu-001), "
                     f"{1000 * took:.0f} ms after its last word", seconds=took, **who)
            time += self.draw.expovariate(1 / 7200)
            self.add(time, "node_returned", "note", f"node {node} ({name}) came back", **who)
        if restless and node % 27 == 0:
            self.add(self.end - 3000, "node_draining", "note", f"node {node} ({name}) was asked to leave", **who)
            self.add(self.end - 2900, "node_left", "note", f"node {node} ({name}) left: drained", reason="drained", **who)

    def run_itself(self):
        self.add(self.terms[0], "run_started", "note", "the run begins")
        for begin in self.terms[1:]:
            self.add(begin, "run_resumed", "note", f"term {self.term(begin)} goes on from version {self.version(begin)}")
        for i in range(40):
            self.add(BEGIN + DAY * 12 + 60 * i, "checkpoint_failed", "warning", "no checkpoint: no space left on device")
        self.add(BEGIN + DAY * 21, "policy_switched", "note", "policy bounded:4 from now on")
        self.add(self.end, "run_ended", "note", "412 epochs are complete")

    def in_order(self):
        return sorted(self.events, key=lambda event: event["time"])


def scores_by_lead(draw):
    def method(worst):
        scores = [{"variable": variable, "lead": lead, "rmse": worst * (1 - 0.5 ** lead) + 0.01 * draw.random(),
                   "acc": 0.9 ** lead / worst} for variable in ("t2m", "z500") for lead in range(1, 7)]
        return {"overall": {"rmse": worst, "acc": 0.7 / worst}, "scores": scores}

    baselines = {"climatology": method(1.9), "persistence": method(2.1), "damped persistence": method(1.7)}
    return {"split": "test", "weights": "best", "version": 649, "unit": "K", **method(1.6), "baselines": baselines}


def regional_maps():
    """Uneven latitudes, a window that crosses the Greenwich meridian, and a sea without values."""
    latitudes = [34 + 0.5 * i + 0.02 * i * i for i in range(24)]
    longitudes = [-12 + 1.25 * i for i in range(36)]

    def wave(phase, amplitude):
        return [None if abs(longitude) < 6 and latitude < 40 else amplitude * math.sin(longitude / 7 + phase) + latitude
                for latitude in latitudes for longitude in longitudes]

    return {"split": "test", "index": 0, "samples": 24, "rmse": 0.3, "label": "1991-01",
            "grid": {"latitudes": latitudes, "longitudes": longitudes, "periodic": False},
            "outline": [[[350.0, 36.0], [0.0, 44.0], [20.0, 40.0], [30.0, 45.0]]],
            "fields": [{"variable": "t2m", "unit": "K", "rmse": 0.3,
                        "truth": field(wave(0, 5)), "prediction": field(wave(0.1, 5))}]}
