#!/usr/bin/python3
"""fulmar status, fulmar drain and fulmar policy: what they say of a run, and what they say when there is none."""
import re

from driving.program import SMALL, Node, Training, check, fulmar, wait_until

RUN = {"policy.leaves": 16, "stop.epochs": 400_000, "checkpoint.every_rounds": 1000}  # as long as the test
OF_A_RUN = {"run": str, "version": int, "epoch": int, "loss": float, "samples_per_second": float, "policy": str,
            "units_in_flight": int, "staleness_max": int, "gate_idle_seconds": float, "nodes": list}
OF_A_NODE = {"name": str, "state": str, "slots": int, "samples_per_second": float, "share": float, "staleness": int,
             "gate_idle_seconds": float, "last_seen_seconds": float}


def status(endpoint):
    return fulmar("status", endpoint, "--json").json()


def has(found, keys, where):
    for key, kind in keys.items():
        check(key in found, where, "lacks", key, "in", found)
        check(type(found[key]) is kind, f"{where}: {key} is no {kind.__name__}:", found[key])


def the_run_and_its_nodes(head, endpoint):
    def found():
        now = status(endpoint)
        rows = {node["name"]: node for node in now["nodes"]}
        return len(rows) == 3 and all(rows[name]["share"] > 0 for name in ("one", "two")) and now
    now = head.wait_until(found, "share for each node")
    has(now, OF_A_RUN, "status")
    for node in now["nodes"]:
        has(node, OF_A_NODE, "status, nodes")
        check(node["state"] == "active" and node["samples_per_second"] > 0, "an active node:", node)
        check(0 <= node["last_seen_seconds"] < 1, "it was seen lately:", node)
    check(abs(sum(node["share"] for node in now["nodes"]) - 1) < 1e-9, "shares of a whole:", now)
    slots = {node["name"]: node["slots"] for node in now["nodes"]}
    check((slots["one"], slots["two"]) == (1, 2), "slots:", slots)
    check(now["policy"] == "sync" and now["version"] > 0, "status:", now)

    text = fulmar("status", endpoint).out
    print(text)
    check(re.match(rf"run {now['run']}.*version \d+, epoch \d+, loss [0-9.e-]+, [0-9.]+ samples/s, policy sync\n", text),
          "the first line is:", text)
    check(re.search(r"^ *name +.*state +slots +samples/s +share +staleness +gate idle +last seen$", text, re.M), "no heading:", text)
    for name in slots:
        check(re.search(rf"^ *{re.escape(name)} +\d+ +active +\d+ +[0-9.]+ +[0-9.]+ % +\d+ +[0-9.]+ s +[0-9.]+ s ago$", text, re.M),
              "no row of", name, "in:", text)


def changing_the_policy(head, endpoint):
    for policy in ("bounded:1", "async", "bounded:4", "sync"):
        said = fulmar("policy", endpoint, policy).out
        check(said == f"the run works by {policy} from the next version boundary on\n", "it says:", said)
        head.wait_until(lambda: status(endpoint)["policy"] == policy, f"policy {policy}")
        version = status(endpoint)["version"]
        now = head.wait_until(lambda: (now := status(endpoint))["version"] >= version + 20 and now, "version after it")
        check(policy == "sync" or now["staleness_max"] > 0, "nodes compute beside each other, and none is stale:", now)
    text = fulmar("status", endpoint).out
    check(re.search(r"^  units under way: 0, largest staleness: [1-9]\d*, idle at the gate: [0-9.]+ s$", text, re.M),
          "after asynchronous work it says:", text)
    said = fulmar("policy", endpoint, "sync", code=1).err
    check("already" in said, "it says:", said)


def draining_by_name_and_by_number(endpoint, one, two):
    unknown = fulmar("drain", endpoint, "nobody", code=1).err
    check("nobody" in unknown and "one" in unknown and "two" in unknown, "it says:", unknown)
    fulmar("drain", endpoint, "one")
    check("left the run" in one.end().err, "it says:", one.err())
    number = next(node["node"] for node in status(endpoint)["nodes"] if node["name"] == "two")
    fulmar("drain", endpoint, number)
    check("left the run" in two.end().err, "it says:", two.err())
    wait_until(lambda: len(status(endpoint)["nodes"]) == 1, "status without the nodes that left")


def where_nobody_answers():
    for command, words in (["status"], []), (["drain"], ["somebody"]), (["policy"], ["bounded:4"]):
        for endpoint in ("tcp://127.0.0.1:1", "ipc://nothing"):
            said = fulmar(*command, endpoint, *words, code=1, seconds=20).err
            check(f"nobody answers at {endpoint}" in said and "--listen" in said, "it says:", said)
        said = fulmar(*command, "here", *words, code=1).err
        check("here" in said and "tcp://" in said, "it says:", said)


def main():
    where_nobody_answers()
    with Training(SMALL, RUN, {"run.directory": "watched"}, "--slots", 1, "--listen", "ipc://head.socket") as head:
        endpoint = head.endpoint()
        with Node(endpoint, "--name", "one") as one, Node(endpoint, "--name", "two", slots=2) as two:
            the_run_and_its_nodes(head, endpoint)
            changing_the_policy(head, endpoint)
            draining_by_name_and_by_number(endpoint, one, two)


main()
