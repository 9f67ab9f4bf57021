#!/usr/bin/python3
"""Whoever has no key, a wrong one, or one for something else, and whoever replays what was said with the right one:
refused with words where somebody can read them, counted, and without effect on the weights. CHAOS_SEED replays what
is drawn."""
import struct
from pathlib import Path

from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check, fulmar
from driving.strangers import CURVE_GREETING, Stranger, Wiretap, say, tensors_of

CONFIG = (CLUSTER, {"stop.epochs": 40})


def refused(*words, says):
    ended = fulmar(*words, code=1)
    print(" ", ended.err.strip())
    check(says in ended.err, ended.command, "says:", ended.err)


def wrong_people(cluster):
    fulmar("keygen", "others")
    Path("others/worker/head.pub").write_text(Path("keys/worker/head.pub").read_text())
    refused("join", cluster.endpoint, "--keys", "others/worker", says="does not allow this key")
    refused("join", cluster.endpoint, says="wants keys")
    refused("join", cluster.endpoint, "--keys", "keys/admin", says="not allowed")
    refused("status", cluster.endpoint, "--keys", "keys/worker", says="not allowed")
    refused("drain", cluster.endpoint, "node-0", "--keys", "keys/worker", says="not allowed")
    refused("policy", cluster.endpoint, "async", "--keys", "keys/worker", says="not allowed")


def replays(cluster, wiretap):
    """Byte for byte what a node with the right key has said."""
    for stream in wiretap.sent["control"]:
        say(cluster.endpoint, bytes(stream))
        say(cluster.endpoint, bytes(stream[len(CURVE_GREETING):]))
        say(tensors_of(cluster.endpoint), bytes(stream))


def one_who_is_let_in(cluster, draw):
    """Somebody with a worker's key says what no worker says."""
    with Stranger(cluster.endpoint, Path("keys/worker")) as stranger:
        for size in range(200):
            stranger.say([draw.randbytes(size)])
            stranger.say([draw.randbytes(size), draw.randbytes(size)])
    with Stranger(tensors_of(cluster.endpoint)) as stranger:
        for number in range(100):
            for incarnation in range(4):  # of the sessions that there are, and another
                head = struct.pack("<QQ", incarnation, number) + draw.randbytes(16 + number)
                stranger.say([head, draw.randbytes(4096)])


def main():
    draw = chaos()
    expected = undisturbed(*CONFIG)
    fulmar("keygen", "keys")
    with Cluster(*CONFIG, pace_ms=10, keys="keys") as cluster:
        cluster.start_head()
        with Wiretap(cluster.endpoint) as wiretap:
            cluster.join("node-0", endpoint=wiretap.endpoint)
            cluster.join("node-1")
            cluster.wait_for_active("node-0", "node-1")
            wrong_people(cluster)
            replays(cluster, wiretap)
            one_who_is_let_in(cluster, draw)

            def counted():
                dropped = cluster.dropped()
                return cluster.head.runs_for(0.5) and all(
                    dropped[reason] > 0 for reason in
                    ("key_refused", "not_allowed", "turned_away", "malformed", "unknown_session", "wrong_peer"))

            cluster.wait_until(counted, "count of each", 20)
            print("  not taken:", cluster.dropped())
            check(not cluster.log.refresh().named("node_failed"), "nodes were lost:", cluster.log.named("node_failed"))
            check_same(cluster.finish(), expected, "a run among people with wrong keys")
            for stream in wiretap.sent["control"]:
                check(b"node-0" not in stream, "a name was readable on the way")


main()
