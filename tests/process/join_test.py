#!/usr/bin/python3
"""Nodes join a run, leave it, are killed, and lose its head: the weights are those of one process that was left alone."""
import os
import re
import shutil
import signal
from contextlib import ExitStack
from pathlib import Path

from e2e.independent import netcdf3
from driving.program import SMALL, Node, Training, check, fulmar, train, wait_until

RUN = {"policy.leaves": 16, "stop.epochs": 1200, "checkpoint.every_rounds": 50}  # 2400 updates: a few seconds


def head_of(run, *words, endpoint=None, slots=0):
    return Training(SMALL, RUN, {"run.directory": run}, "--slots", slots, "--listen", endpoint or f"ipc://{run}.socket",
                    *words)


def status(endpoint):
    return fulmar("status", endpoint, "--json").json()


def wait_for_version(head, version):
    head.wait_until(lambda: status(head.endpoint())["version"] >= version, f"version {version}")


def wait_until_all_work(head, nodes):
    """Each of `nodes` nodes has a share of the rounds."""
    def shares():
        return [node["share"] for node in status(head.endpoint())["nodes"]]
    head.wait_until(lambda: len(shares()) == nodes and min(shares()) > 0, f"share for each of {nodes} nodes")


def weights_of(head):
    summary = head.end().json()
    check(summary["completed"] is True, "the run did not complete:", summary)
    return summary["weights_sha256"]


def journal_of(run):
    return Path(run, "journal").read_text()


def all_computed_elsewhere(expected):
    """The head has no slot of its own; one node, two and four do it all."""
    for count in (1, 2, 4):
        run = f"by-{count}"
        endpoint = "tcp://127.0.0.1:0" if count == 1 else None
        with head_of(run, endpoint=endpoint) as head, ExitStack() as stack:
            nodes = [stack.enter_context(Node(head.endpoint(), "--name", f"n{i}")) for i in range(count)]
            wait_until_all_work(head, count)
            check(weights_of(head) == expected, f"{count} nodes yield other weights")
            for node in nodes:
                said = node.end().err
                check(re.search(r"joined as node \d+ of run small \([0-9a-f]{32}\) with 1 slot\n", said), "it says:", said)
                check(re.search(r"left the run: reached version 2400", said), "it says:", said)


def a_signal_drains(expected):
    """SIGTERM and SIGINT: the node hands back what it has, and is no failure. The head computes too."""
    with head_of("drained", slots=1) as head, Node(head.endpoint()) as first, Node(head.endpoint()) as second:
        wait_until_all_work(head, 3)
        for node, number, name in ((first, signal.SIGTERM, "SIGTERM"), (second, signal.SIGINT, "SIGINT")):
            node.send(number)
            said = node.end().err
            check(f"{name}: " in said and "leaving" in said and "left the run" in said, "it says:", said)
        check(head.is_running(), "the run ended with its nodes")
        summary = head.end().json()
    check(summary["weights_sha256"] == expected, "other weights after two nodes left")
    check(journal_of("drained").count('"type":"node_left"') == 2, "two nodes left, and the journal says otherwise")


def before_it_joins_a_signal_ends_it():
    with Node("ipc://nobody.socket") as node:
        node.wait_for_text("waiting for a head at ipc://nobody.socket")
        node.send(signal.SIGTERM)
        node.end(code=128 + signal.SIGTERM)
        check(node.err().count("waiting") == 1, "it says it more than once:", node.err())


def killed_nodes_cost_nothing(expected):
    """SIGKILL, one after the other; each time another takes its place."""
    with head_of("killed") as head, ExitStack() as stack:
        keeper = stack.enter_context(Node(head.endpoint(), "--name", "keeper"))
        for number in range(3):
            victim = stack.enter_context(Node(head.endpoint(), "--name", f"victim-{number}"))
            wait_until_all_work(head, 2)
            victim.kill()
            wait_until(lambda: len(status(head.endpoint())["nodes"]) == 1, "loss of the node that was killed")
        summary = head.end().json()
        keeper.end()
    check(summary["weights_sha256"] == expected, "other weights after three nodes were killed")
    check(summary["failures_survived"] >= 3, "three were killed:", summary)


def a_frozen_node_comes_back(expected):
    with head_of("frozen") as head, Node(head.endpoint()) as keeper, Node(head.endpoint()) as sleeper:
        wait_until_all_work(head, 2)
        sleeper.send(signal.SIGSTOP)
        wait_until(lambda: len(status(head.endpoint())["nodes"]) == 1, "loss of the node that was frozen")
        sleeper.send(signal.SIGCONT)
        sleeper.wait_until_joined(times=2)
        check("lost the head at" in sleeper.err(), "it does not say that it lost the head:", sleeper.err())
        check(weights_of(head) == expected, "other weights after a node was frozen")
        keeper.end()
        sleeper.end()


def nodes_find_the_head_that_comes_back(expected, number):
    """It is killed, or stopped with a checkpoint, and resumed."""
    run = f"headless-{number}"
    with ExitStack() as stack:
        head = stack.enter_context(head_of(run))
        nodes = [stack.enter_context(Node(head.endpoint())) for _ in range(2)]
        wait_until_all_work(head, 2)
        wait_for_version(head, 100)
        head.send(number)
        head.end(code=0 if number == signal.SIGTERM else -number)
        for node in nodes:
            node.wait_for_text("lost the head at")
        head = stack.enter_context(head_of(run, "--resume"))
        check(weights_of(head) == expected, f"other weights after the head got signal {number}")
        for node in nodes:
            said = node.end().err
            check(said.count("joined as node ") >= 2, "it did not come back:", said)


def another_run_is_not_joined_by_itself():
    with ExitStack() as stack:
        head = stack.enter_context(head_of("former", endpoint="ipc://reused.socket"))
        node = stack.enter_context(Node(head.endpoint()))
        node.wait_until_joined()
        head.kill()
        stack.enter_context(head_of("latter", endpoint="ipc://reused.socket"))
        said = node.end(code=1).err
    check("has another run" in said, "it says:", said)


def with_another_row(path):
    """The file's bytes with a row of a field of the training period a little different."""
    row = netcdf3.read(path)["UWND"].values[3, 30].tobytes()  # April 1982, 15 degrees south
    data = path.read_bytes()
    check(data.count(row) == 1, "the row is not there once:", data.count(row))
    return data.replace(row, bytes(byte ^ (at % 4 == 2) for at, byte in enumerate(row)))  # a bit of each mantissa


def what_does_not_fit_is_refused():
    folder = Path("elsewhere")
    folder.mkdir()
    winds = Path("/usr/share/ferret-vis/data/monthly_navy_winds.cdf")
    with head_of("picky", slots=1) as head:
        def refused(*words, says):
            said = fulmar("join", head.endpoint(), "--slots", 1, *words, code=1).err
            print(said.rstrip())
            check(len(said.splitlines()) <= 2, "more than two lines:", said)
            check(re.search(says, said), f"it does not say '{says}':", said)

        refused("--data", "nowhere", says="--data nowhere: there is no such file or folder")
        with Node(head.endpoint(), "--data", folder) as node:  # nothing is in it: the config's path counts
            node.wait_until_joined()
        (folder / winds.name).write_bytes(with_another_row(winds))
        for path in (folder, folder / winds.name):
            refused("--data", path, says=r"data are not the run's \(fingerprint [0-9a-f]{32}, the run's [0-9a-f]{32}\).*"
                                         + str(folder / winds.name))
        shutil.copy(winds, folder / winds.name)
        with Node(head.endpoint(), "--data", folder / winds.name) as node:
            node.wait_until_joined()
        with Node(head.endpoint(), slots=17) as node:
            node.wait_for_text("warning: 17 slots and policy.leaves = 16")
            node.wait_until_joined()


def only_allowed_keys_join(expected):
    fulmar("keygen", "keys")
    fulmar("keygen", "strangers")
    with head_of("locked", "--keys", "keys/head") as head:
        endpoint = head.endpoint()
        check("not encrypted" not in head.err(), "it says:", head.err())
        for words, says in ((["--keys", "strangers/worker"], "key"), ([], "key")):
            said = fulmar("join", endpoint, *words, code=1, seconds=30).err
            print(said.rstrip())
            check(says in said, "it says:", said)
        with Node(endpoint, "--keys", "keys/worker") as node:
            node.wait_until_joined()
            said = fulmar("status", endpoint, "--keys", "keys/worker", code=1).err
            check("admin" in said, "it says:", said)
            found = fulmar("status", endpoint, "--keys", "keys/admin", "--json").json()
            check(len(found["nodes"]) == 1, "status says:", found)
            check(weights_of(head) == expected, "other weights over an encrypted network")
            node.end()


def a_withdrawn_key_ends_its_session():
    with head_of("withdrawn", "--keys", "keys/head", slots=1) as head, \
            Node(head.endpoint(), "--keys", "keys/worker") as node:
        node.wait_until_joined()
        os.rename("keys/head/workers/worker.pub", "worker.pub")
        said = node.end().err
        check("its key is not allowed any longer" in said.splitlines()[-1], "it says:", said)


def main():
    expected = train(SMALL, RUN, {"run.directory": "alone"})["weights_sha256"]
    before_it_joins_a_signal_ends_it()
    all_computed_elsewhere(expected)
    a_signal_drains(expected)
    killed_nodes_cost_nothing(expected)
    a_frozen_node_comes_back(expected)
    nodes_find_the_head_that_comes_back(expected, signal.SIGKILL)
    nodes_find_the_head_that_comes_back(expected, signal.SIGTERM)
    another_run_is_not_joined_by_itself()
    what_does_not_fit_is_refused()
    only_allowed_keys_join(expected)
    a_withdrawn_key_ends_its_session()


main()
