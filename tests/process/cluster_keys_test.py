#!/usr/bin/python3
"""A key that is taken out of the head's folder ends its node's session, one that is put there lets a node in, both
without a restart; two nodes may share one. The weights do not change."""
import time
from pathlib import Path

from driving.cluster import CLUSTER, Cluster, check_same, undisturbed
from driving.program import check, fulmar

CONFIG = (CLUSTER, {"stop.epochs": 24})


def evict(cluster, node, key):
    """Takes the key away; the file's content."""
    content = key.read_text()
    key.unlink()
    begin = time.monotonic()
    cluster.wait_until_gone(node)
    seconds = cluster.log.named("gone")[-1][0] - begin
    print(f"evicted {seconds:.3f} s after the key was taken away")
    check(seconds < 2, "evicted after", seconds, "s")
    cluster.joiners[node].end(code=None)
    check("key" in cluster.joiners[node].err(), "it says:", cluster.joiners[node].err())
    return content


def main():
    expected = undisturbed(*CONFIG)
    fulmar("keygen", "keys")
    fulmar("keygen", "keys", "--add", "second")
    key = Path("keys/head/workers/second.pub")
    with Cluster(*CONFIG, pace_ms=20, keys="keys") as cluster:
        cluster.start_head()
        cluster.join("node-0")
        cluster.join("node-1")  # with the same key
        cluster.join("node-2", keys="second")
        cluster.wait_for_active("node-0", "node-1", "node-2")
        content = evict(cluster, "node-2", key)
        check({"node-0", "node-1"} <= cluster.log.active(), "others were evicted as well:", cluster.log.states)
        cluster.wait_for_version(cluster.log.version + 5)
        again = cluster.join_again("node-2")
        again.end(code=1)
        check("does not allow this key" in again.err(), "it says:", again.err())
        key.write_text(content)
        cluster.wait_until(lambda: cluster.head.runs_for(0.5), "second look at the keys")
        cluster.join_again("node-2")
        cluster.wait_for_active("node-2")
        check_same(cluster.finish(), expected, "a run whose keys came and went")


main()
