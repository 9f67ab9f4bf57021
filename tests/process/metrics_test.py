#!/usr/bin/python3
"""--metrics serves the run's main figures at /metrics while it trains, and they move."""
import re
import socket
import urllib.request
from pathlib import Path

from driving.program import SMALL, WINDS, Node, Training, check, fulmar

MOVING = ("fulmar_version", "fulmar_updates_total", "fulmar_samples_total", "fulmar_round_duration_seconds_count",
          "fulmar_process_cpu_seconds_total")


def scrape(port):
    """The value of each series, by its name with its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def is_there(figures, name):
    check(name in figures, name, "is not among", sorted(figures))
    return figures[name]


def figures_move():
    words = [WINDS, "--slots", 2, "--metrics", "127.0.0.1:0", {"stop.epochs": 10, "checkpoint": "{every_rounds=2}"}]
    with Training(*words) as training:
        training.wait_for_text("metrics on port ")
        port = re.search(r"metrics on port (\d+)", training.err())[1]

        first = training.wait_until(lambda: (now := scrape(port)).get("fulmar_updates_total", 0) >= 1 and now, "update")
        second = training.wait_until(
            lambda: (now := scrape(port)).get('fulmar_loss{split="validation"}', 0) > 0 and now, "validation")
        for name in MOVING:
            before, after = is_there(first, name), is_there(second, name)
            check(after > before, name, "does not move:", before, after)
        check(is_there(second, 'fulmar_loss{split="train"}') > 0, "no training loss")
        check(is_there(second, 'fulmar_nodes{state="active"}') == 1, "not one active node")
        check(is_there(second, 'fulmar_nodes{state="fetching"}') == 0, "the active node is counted twice")
        for kind in ("lost", "speculated"):  # late or not, there is nobody else to do it
            check(is_there(second, f'fulmar_leases_total{{kind="{kind}"}}') == 0, "leaves were leased again:", kind)
        check(is_there(second, "fulmar_slots") == 2, "not two slots:", second["fulmar_slots"])
        check(is_there(second, "fulmar_samples_total") / second["fulmar_updates_total"] > 7, "samples in an update")
        check(is_there(second, "fulmar_gradient_norm") > 0, "no gradient norm")
        check(is_there(second, "fulmar_checkpoint_duration_seconds_count") >= 1, "no checkpoint was counted")
        check(is_there(second, "fulmar_checkpoint_bytes") > 4 * 8690, "the checkpoint's size is wrong")
        check(is_there(second, "fulmar_checkpoint_failures_total") == 0, "a checkpoint failed")
        check(is_there(second, "fulmar_journal_bytes") > 0, "no journal")
        check(10e6 < is_there(second, "fulmar_process_resident_memory_bytes") < 300e6, "memory is implausible")
        check(any(name.startswith("fulmar_build_info") for name in second), "no build info")
        training.kill()


def is_made_up_for(training, port):
    """Whether a node that has died had something: it may have finished its part of the round."""
    version = scrape(port)["fulmar_version"]
    figures = training.wait_until(lambda: (now := scrape(port))["fulmar_version"] > version + 1 and now, "later round")
    return figures["fulmar_recovery_duration_seconds_count"] == 1


def die_as_a_member(training, port):
    before = scrape(port)['fulmar_failures_total{kind="node"}']
    with Node(training.endpoint()) as node:
        training.wait_until(lambda: scrape(port)['fulmar_nodes{state="active"}'] == 2, "share of another node")
        node.kill()
    training.wait_until(lambda: scrape(port)['fulmar_failures_total{kind="node"}'] == before + 1, "its end")


def nodes_are_seen_as_long_as_they_are_there():
    run = {"run.directory": "joined", "policy.leaves": 16, "stop.epochs": 100000}
    with Training(SMALL, run, "--slots", 1, "--metrics", "127.0.0.1:0", "--listen", "ipc://head.socket") as training:
        training.wait_for_text("metrics on port ")
        port = re.search(r"metrics on port (\d+)", training.err())[1]
        label = 'node="2",name="gpu"'
        with Node(training.endpoint(), "--name", "gpu") as node:
            there = training.wait_until(
                lambda: (now := scrape(port)).get(f"fulmar_node_share{{{label}}}", 0) > 0 and now, "share of the node")
            check(is_there(there, f"fulmar_node_samples_per_second{{{label}}}") > 0, "the node has no speed")
            check(is_there(there, f"fulmar_node_last_seen_seconds{{{label}}}") < 1, "the node was not seen")
            for socket_name in ("control", "tensors"):
                for direction in ("sent", "received"):
                    labels = f'{{socket="{socket_name}",direction="{direction}"}}'
                    check(is_there(there, "fulmar_network_bytes_total" + labels) > 0, "no traffic:", labels)
                    check(is_there(there, "fulmar_network_packets_total" + labels) > 0, "no traffic:", labels)
                dropped = f'fulmar_network_dropped_packets_total{{socket="{socket_name}",reason="forged"}}'
                check(is_there(there, dropped) == 0, "a packet was forged")
            node.kill()
        training.wait_until(lambda: f"fulmar_node_share{{{label}}}" not in scrape(port), "end of the node's labels")
        training.wait_until(lambda: scrape(port)['fulmar_failures_total{kind="node"}'] == 1, "count of the node's end")
        deaths = 1
        while not is_made_up_for(training, port):
            check(deaths < 20, "nothing that a dead node had was made up for")
            die_as_a_member(training, port)
            deaths += 1
        figures = scrape(port)
        check(figures["fulmar_detection_duration_seconds_sum"] < 1, "found out too late:", figures)
        check(figures["fulmar_recovery_duration_seconds_sum"] < 1, "made up for too late:", figures)


def a_port_in_use_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = fulmar("train", WINDS, "--metrics", address, {"run.directory": "refused"}, code=1)
    print(ended.err.rstrip())
    check(f"--metrics {address}" in ended.err and "in use" in ended.err, "it says:", ended.err)
    check(not Path("refused").exists(), "the refused command left a run directory behind")


figures_move()
nodes_are_seen_as_long_as_they_are_there()
a_port_in_use_is_refused()
