"""A head that is not there: serves the status page with figures that a test makes up, so that a page with two hundred
nodes, a bad day or a silent head can be looked at without one.

The page is put together as the build does it and served under as strict a security policy.
    mock_head.py [NODES]      serves one by hand, and says where
"""
import base64
import datetime
import hashlib
import json
import math
import random
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "monitoring/web"
BEGIN = 1_795_471_200  # seconds since 1970
END_VERSION = 6600


def hash_of(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def page(name="status.html"):
    """The page with its styles and scripts in it, and the security policy that allows just these."""
    blocks = {"style": [], "script": []}

    def block(found):
        kind, files = found[1], found[2].split()
        text = "\n".join((WEB / file).read_text() for file in files)
        blocks[kind].append(hash_of(text))
        return f"<{kind}>{text}</{kind}>"

    html = re.sub(r"<!-- (style|script): ([\w. ]+) -->", block, (WEB / name).read_text())
    policy = (f"default-src 'none'; script-src {' '.join(blocks['script'])}; style-src {' '.join(blocks['style'])}; "
              "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    return html, policy


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def event(at, kind, severity, text, **more):
    return {"time": utc(at), "kind": kind, "severity": severity, "term": 2, "version": 4000, "text": text, **more}


def events():
    return [
        event(BEGIN, "run_resumed", "note", "run resumed at version 3960 by this head, term 2"),
        event(BEGIN + 1, "node_joined", "note", "node 1 (a) joined with 2 slots", node=1, name="a"),
        event(BEGIN + 2, "node_joined", "note", "node 2 (b) joined with 1 slot", node=2, name="b"),
        event(BEGIN + 2, "node_joined", "note", "node 3 (gpu-box) joined with 4 slots", node=3, name="gpu-box"),
        event(BEGIN + 190, "node_lost", "warning", "node 2 (b) is lost: connection closed", node=2, name="b"),
        event(BEGIN + 190, "leaves_moved", "note", "the 3 leaves of node 2 (b) went to node 1 (a), 41 ms after its last word",
              node=2, name="b", seconds=0.041),
        event(BEGIN + 260, "node_returned", "note", "node 2 (b) is back", node=2, name="b"),
        event(BEGIN + 300, "policy_switched", "note", "the run works by bounded:4 from version 4000 on (somebody asked for it)"),
        event(BEGIN + 340, "checkpoint_failed", "error",
              "checkpoint 4400 was not written: no space left on device; the one of version 4300 is kept"),
        event(BEGIN + 350, "node_draining", "note", "node 3 (gpu-box) was asked to leave", node=3, name="gpu-box"),
    ]


def nodes(count, draw):
    """Nodes of unequal speed; with many, some that have a bad day."""
    names = ["a", "b", "gpu-box", "hermes", "thule", "edison"]
    speeds = [draw.uniform(30, 120) for _ in range(count)]
    made = []
    for i in range(count):
        wait = draw.uniform(0.02, 0.12)
        parts = {"compute": 0.92 - wait, "wait": wait, "exchange": 0.08}
        made.append({"node": i + 1, "name": names[i] if count <= len(names) else f"node-{i + 1:03}", "local": i == 0,
                     "state": "active", "slots": 1 + i % 4, "samples_per_second": speeds[i],
                     "share": speeds[i] / sum(speeds), "staleness": 0, "last_seen_seconds": draw.uniform(0, 0.4), "parts": parts})
    if count > 10:
        made[17].update(state="draining", share=0.0)
        made[41].update(state="fetching", share=0.0, samples_per_second=0.0, parts=None)
        made[-3].update(last_seen_seconds=7.2, staleness=3)
    return made


def status(count=3, **changes):
    draw = random.Random(7)
    everybody = nodes(count, draw)
    capacity = sum(node["samples_per_second"] for node in everybody)
    return {"now": utc(BEGIN + 400), "program": "0.1.0",
            "run": {"id": "3f2a9c1b4d5e6f708192a3b4c5d6e7f8", "name": "winds-downscaling", "directory": "runs/winds"},
            "started": utc(BEGIN), "term": 2, "state": "running", "version": 4512, "end_version": END_VERSION, "epoch": 41,
            "epochs": 60, "samples": 36096, "loss": 0.1873, "validation_loss": 0.3199, "best": {"version": 4400, "loss": 0.3181},
            "gradient_norm": 0.512, "samples_per_second": capacity * 0.94, "updates_per_second": capacity * 0.94 / 8,
            "time_left_seconds": 8 * 2088 / capacity if capacity else None, "capacity_samples_per_second": capacity, "policy": "sync",
            "staleness_bound": None, "staleness": None, "units_in_flight": 0, "gate_idle_seconds": 0.0,
            "parts": {"compute": 0.82, "wait": 0.09, "exchange": 0.06, "apply": 0.03},
            "counters": {"joins": count + 1, "departures": 1, "failures": 1, "slot_failures": 0, "leaves_moved": 3,
                         "speculated": 2, "voided_rounds": 0, "determinism_alarms": 0, "dropped_messages": 0},
            "checkpoint": {"version": 4400, "age_seconds": 12.4, "bytes": 104_312, "failures": 0}, "journal_bytes": 48_211,
            "storage_free_bytes": 123_456_789_000, "nodes": everybody, "events": events(), **changes}


def lost(seconds_ago, node, name):
    return event(BEGIN + 400 - seconds_ago, "node_lost", "warning", f"node {node} ({name}) was lost (no word for 2 s)",
                 node=node, name=name, reason="no word for 2 s")


def history(points=300, gap_seconds=0):
    """`gap_seconds`: for so long no head ran, in the middle of it."""
    draw = random.Random(5)
    steps = range(points)
    version = [round(i * 4512 / (points - 1)) for i in steps]
    crash = range(points // 2, points // 2 + 12)
    speed = [250 * (0.62 if i in crash else 1) + draw.gauss(0, 6) for i in steps]
    return {"version": version, "time": [BEGIN - 3000 + i * 3400 / points - gap_seconds * (i < points // 2) for i in steps],
            "loss": [0.16 + 0.5 * math.exp(-v / 300) + 0.08 * math.exp(-v / 2500) + draw.gauss(0, 0.006) for v in version],
            "samples_per_second": speed, "nodes": [1 if i < 6 else 2 if i in crash else 3 for i in steps],
            "validation": [{"version": v, "loss": 0.312 + 0.4 * math.exp(-v / 350) + draw.gauss(0, 0.003)}
                           for v in range(110, 4512, 110)]}


class MockHead:
    """Serves on a free port of loopback until its `with` block ends. `status` and `history` may be replaced at any
    moment; `silent = True` makes it hang up on every question for figures."""

    def __init__(self, status_answer=None, history_answer=None):
        self.status = status_answer or status()
        self.history = history_answer or history()
        self.silent = False
        self.asked_last = time.monotonic()
        self.html, self.policy = page()

    def __enter__(self):
        head = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                head.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def seconds_unasked(self):
        return time.monotonic() - self.asked_last

    def answer(self, asked):
        self.asked_last = time.monotonic()
        answers = {"/": ("text/html; charset=utf-8", lambda: self.html),
                   "/status.json": ("application/json", lambda: json.dumps(self.status)),
                   "/history.json": ("application/json", lambda: json.dumps(self.history))}
        kind, text = answers.get(asked.path, ("text/plain", None))
        if self.silent and asked.path != "/":
            asked.close_connection = True
            return
        body = text().encode() if text else b"not here\n"
        asked.send_response(200 if text else 404)
        asked.send_header("Content-Type", kind)
        asked.send_header("Content-Length", str(len(body)))
        asked.send_header("Content-Security-Policy", self.policy)
        asked.end_headers()
        asked.wfile.write(body)


if __name__ == "__main__":
    with MockHead(status(int(sys.argv[1]) if len(sys.argv) > 1 else 3)) as served:
        print(served.address, flush=True)
        served.thread.join()
