"""Very many joiners of a tiny model on one machine."""
import time

from driving.cluster import CLUSTER, Cluster
from driving.program import check, fulmar
from driving.strangers import Stranger, Wiretap

# Processes that share a core with a hundred others are silent for longer than machines of their own are.
LIVENESS = '"5s"'
JOIN_SECONDS = 1  # a node's share of the time until all take part: 200 processes start on few cores
CONFIG = (CLUSTER, {"model.kind": "linear", "policy.leaves": 64, "policy.liveness": LIVENESS, "stop.epochs": 100_000})


def crowd(nodes, asks):
    """Each of `nodes` joiners takes part; rounds go on; the status is asked for `asks` times. Gives the seconds that the
    head took to answer, in ascending order."""
    with Cluster(*CONFIG, pace_ms=200, run="crowd") as cluster:
        cluster.start_head()
        alone = cluster.head.resident_bytes()
        begin = time.monotonic()
        names = [f"node-{number}" for number in range(nodes)]
        for name in names:
            cluster.join(name)
        cluster.wait_for_active(*names, seconds=30 + nodes * JOIN_SECONDS)
        lost = len(cluster.log.named("node_failed"))
        print(f"{nodes} nodes take part after {time.monotonic() - begin:.1f} s; {lost} were lost and came back", flush=True)

        reached, begin = cluster.log.version, time.monotonic()
        seconds = answers(cluster, nodes, asks)
        cluster.wait_for_version(reached + 3)
        rounds = cluster.log.version - reached
        print(f"meanwhile {rounds} rounds in {time.monotonic() - begin:.1f} s")
        grown = cluster.head.resident_bytes() - alone
        print(f"the head's memory: {alone / 1e6:.1f} MB alone, {grown / nodes / 1e3:.0f} kB more for each node", flush=True)
        return seconds


def answers(cluster, nodes, asks):
    with Wiretap(cluster.endpoint) as wiretap:  # what the command asks
        status = fulmar("status", wiretap.endpoint, "--json").json()
        question = wiretap.recorded("control")[0][0]
    check(len(status["nodes"]) >= 0.9 * nodes, "status knows", len(status["nodes"]), "of", nodes, "nodes")
    seconds = {"the head": [], "the command, with its own start": []}
    with Stranger(cluster.endpoint) as stranger:
        check(stranger.is_answered(question), "no answer")
        for _ in range(asks):
            seconds["the head"].append(seconds_of(lambda: check(stranger.is_answered(question), "no answer")))
            seconds["the command, with its own start"].append(seconds_of(cluster.status))
    for who, took in seconds.items():
        took.sort()
        print(f"status, {asks} times: {who}: p50 {1e3 * took[asks // 2]:.1f} ms, p99 {1e3 * took[asks * 99 // 100]:.1f} ms,",
              f"most {1e3 * took[-1]:.1f} ms")
    return seconds["the head"]


def seconds_of(act):
    begin = time.monotonic()
    act()
    return time.monotonic() - begin
