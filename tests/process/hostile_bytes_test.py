#!/usr/bin/python3
"""What is not ZeroMQ's language, on each socket of a head, with keys and without: random bytes, handshakes that are
broken off or wrong, frames that claim absurd sizes, a thousand connections that say nothing. The run goes on to the
same weights, memory stays bounded, and all of it is counted. CHAOS_SEED replays the bytes."""
import contextlib
import resource

from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check, fulmar
from driving.strangers import (CURVE_GREETING, MORE, NULL_GREETING, READY, call, check_bounded, frame, say, tensors_of)

CONFIG = (CLUSTER, {"stop.epochs": 40})
ABSURD = (1 << 62, (1 << 64) - 1, 1 << 40, (8 << 20) + 1)
SILENT = 1000
MEMORY_BYTES = 64 << 20  # no single thing that a stranger says is worth more than a packet of 8 MiB


def random_bytes(endpoint, draw):
    for size in (1, 9, 10, 11, 63, 64, 65, 500, 4096, 100_000):
        say(endpoint, draw.randbytes(size))
        say(endpoint, NULL_GREETING[:10] + draw.randbytes(size))
        say(endpoint, NULL_GREETING, draw.randbytes(size))
        say(endpoint, CURVE_GREETING, draw.randbytes(size))
        say(endpoint, NULL_GREETING, READY, draw.randbytes(size))
    return 50


def absurd_sizes(endpoint):
    for size in ABSURD:
        for greeting in (NULL_GREETING, CURVE_GREETING):
            say(endpoint, greeting, frame(b"x" * 1000, claims=size))
            say(endpoint, greeting, READY, frame(b"x" * 100_000, claims=size))
            say(endpoint, greeting, READY, frame(b"", flags=MORE), frame(b"x" * 1000, claims=size))
    return 6 * len(ABSURD)


def silence(endpoints, stack):
    """Connections that are held until the test ends: half of them have not even sent a greeting."""
    for number in range(SILENT):
        connection = stack.enter_context(call(endpoints[number % len(endpoints)]))
        if number % 4 >= 2:
            connection.sendall(NULL_GREETING)


def attack(cluster, draw):
    endpoints = [cluster.endpoint, tensors_of(cluster.endpoint)]
    before = cluster.head.resident_bytes()
    with contextlib.ExitStack() as stack:
        silence(endpoints, stack)
        said = SILENT
        for endpoint in endpoints:
            said += random_bytes(endpoint, draw) + absurd_sizes(endpoint)
        # A handshake is given 2 s, so each of them is turned away within that. Asked for now and then: it costs the head.
        cluster.wait_until(lambda: cluster.head.runs_for(0.5) and cluster.dropped().get("turned_away", 0) >= said,
                           f"count of {said} strangers", 30)
        check_bounded(cluster.head, before, MEMORY_BYTES, f"{said} strangers")
    print("  not taken:", cluster.dropped())
    check(cluster.head.is_running(), "the run was over before the attack was")


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    draw = chaos()
    expected = undisturbed(*CONFIG)
    fulmar("keygen", "keys")
    for run, options in (("tcp", {}), ("ipc", {"listen": "ipc://head.socket"}), ("with-keys", {"keys": "keys"})):
        with Cluster(*CONFIG, run=run, pace_ms=10, **options) as cluster:
            cluster.start_head()
            cluster.join("node-0")
            cluster.join("node-1")
            cluster.wait_for_active("node-0", "node-1")
            attack(cluster, draw)
            check_same(cluster.finish(), expected, f"a run among strangers ({run})")
            check(not cluster.log.named("node_failed"), "nodes were lost:", cluster.log.named("node_failed"))


main()
