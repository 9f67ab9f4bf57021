"""Very many joiners of a tiny model on one machine."""
import time

from driving.cluster import CLUSTER, Cluster
from driving.program import check

JOIN_SECONDS = 0.5  # a node's share of the time until all take part: 200 processes start on few cores


def crowd(nodes, asks, status_seconds):
    """Each of `nodes` joiners gets a share; rounds go on; the status is asked for `asks` times, 99 in 100 of which are
    answered within `status_seconds`, the start of the command that asks included."""
    config = [CLUSTER, {"model.kind": "linear", "policy.leaves": 64, "stop.epochs": 100_000}]
    with Cluster(*config, pace_ms=200, run="crowd") as cluster:
        cluster.start_head()
        alone = cluster.head.resident_bytes()
        names = [f"node-{number}" for number in range(nodes)]
        begin = time.monotonic()
        for name in names:
            cluster.join(name)
        cluster.wait_for_active(*names, seconds=30 + nodes * JOIN_SECONDS)
        print(f"{nodes} nodes take part after {time.monotonic() - begin:.1f} s", flush=True)

        reached, begin = cluster.log.version, time.monotonic()
        seconds = sorted(asked(cluster, nodes) for _ in range(asks))
        rounds = cluster.log.refresh().version - reached
        while_asked = time.monotonic() - begin
        p50, p99 = seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100]
        print(f"status, {asks} times: p50 {1e3 * p50:.1f} ms, p99 {1e3 * p99:.1f} ms, most {1e3 * seconds[-1]:.1f} ms")
        print(f"meanwhile {rounds} rounds in {while_asked:.1f} s")
        lost = cluster.log.named("node_failed")
        print(f"{len(lost)} were lost and came back; the head's memory: {alone / 1e6:.1f} MB alone,",
              f"{(cluster.head.resident_bytes() - alone) / nodes / 1e3:.0f} kB more for each node")
        cluster.wait_for_version(reached + 3)
        check(p99 <= status_seconds, f"status took {p99} s")
        cluster.head.kill()


def asked(cluster, nodes):
    begin = time.monotonic()
    status = cluster.status()
    seconds = time.monotonic() - begin
    states = [node["state"] for node in status["nodes"]]
    check(len(states) >= 0.9 * nodes, "status knows", len(states), "of", nodes, "nodes")
    return seconds
