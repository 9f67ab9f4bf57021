#!/usr/bin/python3
"""One event, one line: --log json gives machines what a terminal gives people, and the run directory keeps it."""
import json
import re
import signal
from pathlib import Path

from driving.program import SMALL, Node, Training, check, fulmar

DEATHS_MAX = 20
HAD_LEAVES = re.compile(r"the \d lea(f|ves) of node \d+ \(ada\)")
LONG = {"stop.epochs": 100000, "stop.updates": 100000}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def events_in(text, what):
    """Each line is an event, or the test ends."""
    events = []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            check(False, what, "has a line that is not JSON:", line)
        check(TIME.fullmatch(event.get("time", "")), what, "has an event without its time:", line)
        check(event.get("severity") in ("detail", "note", "warning", "error"), what, "has no severity in:", line)
        check(event.get("kind") and event.get("text"), what, "says nothing in:", line)
        check("\n" not in event["text"], what, "has more than a line in:", line)
        events.append(event)
    return events


def of_kind(events, kind):
    return [event for event in events if event["kind"] == kind]


def only(events, kind):
    found = of_kind(events, kind)
    check(len(found) == 1, f"{len(found)} events are {kind}:", events)
    return found[0]


def has_a_share(endpoint, name):
    nodes = fulmar("status", endpoint, "--json").json()["nodes"]
    return any(node["name"] == name and node["share"] > 0 for node in nodes)


def kill_until_leaves_move(training, endpoint):
    """A node that dies between two rounds had nothing: then there is nothing to tell of its leaves."""
    for death in range(1, DEATHS_MAX + 1):
        with Node(endpoint, "--name", "ada", "--log", "json") as node:
            node.wait_until_joined()
            training.wait_for_text('"kind":"node_joined","severity":"note"', times=death)
            training.wait_until(lambda: has_a_share(endpoint, "ada"), "share for the node")
            node.kill()
        training.wait_for_text('"kind":"node_lost"', times=death)
        if HAD_LEAVES.search(training.err()):
            return death, events_in(node.err(), "join --log json")
    check(False, "of", DEATHS_MAX, "nodes that were killed none had leaves")


with Training(SMALL, LONG, "--log", "json", "--listen", "tcp://127.0.0.1:0", progress="none") as training:
    training.wait_for_text("join with")
    endpoint = json.loads(training.err().splitlines()[0])["text"].split()[-1]
    deaths, joined = kill_until_leaves_move(training, endpoint)
    training.send(signal.SIGTERM)
    training.end()
    said = events_in(training.err(), "train --log json")

check(len(of_kind(said, "node_lost")) == deaths, "deaths were told", len(of_kind(said, "node_lost")), "times of", deaths)
lost = of_kind(said, "node_lost")[-1]
check(lost["name"] == "ada" and lost["node"] == deaths + 1, "who was lost is not said:", lost)
check(lost["reason"] and lost["reason"] in lost["text"], "why is not said:", lost)
check(lost["severity"] == "warning" and lost["term"] == 1 and lost["version"] > 0, "it is not in its place:", lost)
moved = next(event for event in of_kind(said, "leaves_moved") if HAD_LEAVES.match(event["text"]))
check(re.search(r"(went to node 1 \(|had other holders)", moved["text"]), "who has them is not said:", moved)
check(0 < moved["seconds"] < 60, "it took", moved["seconds"])
check(only(said, "run_ended")["reason"], "the end has no reason")
check("SIGTERM" in training.err(), "the signal is not told")
check(only(joined, "joined")["text"].startswith(f"joined as node {deaths + 1} "), "the node does not say that it joined:", joined)

kept = events_in(Path("run/events.jsonl").read_text(), "events.jsonl")
of_run = [event for event in said if event["kind"] not in ("remark", "failure")]
check(kept == of_run, "events.jsonl and the log differ:\n", kept, "\n", of_run)

# People get the same events, but for details, and no JSON.
with Training(SMALL, {**LONG, "run.directory": "told"}, "--listen", "tcp://127.0.0.1:0", progress="none") as training:
    with Node(training.endpoint(), "--name", "bob") as node:
        training.wait_for_text("note: node 2 (bob) joined with 1 slot\n")
        node.kill()
    training.wait_for_text("warning: node 2 (bob) was lost (")
    training.send(signal.SIGINT)
    training.end()
    check("{" not in training.err() and "validation loss of" not in training.err(), "people are told:", training.err())

failed = fulmar("train", "nowhere.toml", "--log", "json", code=1)
failure = only(events_in(failed.err, "a failure"), "failure")
check("nowhere.toml" in failure["text"] and failure["severity"] == "error", "the failure says:", failure)
refused = fulmar("train", SMALL, "--log", "json", "--progress", "bar", code=2)
check("--progress bar is for people" in refused.err, "bad usage says:", refused.err)
check("{text,json}" in fulmar("train", SMALL, "--log", "yaml", code=2).err, "another format is not refused clearly")
