#!/usr/bin/python3
"""`fulmar simulate`, told the speeds that were measured, is wished to say how long rounds of paced nodes take, within
15 %.

The speeds of the nodes are those of the head's status, the size of the model is that of its checkpoint, and the network
is this machine's own: a loopback connection, measured here. SHAPE_SECONDS: how long each cluster is watched.
"""
import math
import os
import re
import socket
import statistics
import threading
import time
from pathlib import Path

from driving.cluster import Cluster
from driving.measuring import MACHINES, SAMPLES_IN_ROUND, machines_with, rounds_between, wished
from driving.program import check, fulmar

WISHED = 0.15
SECONDS = wished("SHAPE_SECONDS", 15.0)
STEADY_AFTER_ROUNDS = 8
# A model of 10 MB.
LARGE = machines_with("large", 'kind = "linear"'), {"data.latitude": "[-55,52.5]", "data.longitude": "[90,267.5]"}
# By name: the config, and the nodes as (slots, what a leaf takes in ms).
SHAPES = {
    "1x1": ((MACHINES,), [(1, 10)]),
    "2x1": ((MACHINES,), [(1, 10)] * 2),
    "4x1": ((MACHINES,), [(1, 10)] * 4),
    "4 : 1": ((MACHINES,), [(1, 10), (1, 40)]),
    "1x4": ((MACHINES,), [(4, 20)]),
    "2x4": ((MACHINES,), [(4, 40)] * 2),
    "4x1 and 2x2": ((MACHINES,), [(1, 20)] * 4 + [(2, 40)] * 2),
    "16x1": ((MACHINES,), [(1, 100)] * 16),
    "4x1, 10 MB": (LARGE, [(1, 40)] * 4),
}


BUFFER = memoryview(bytearray(1 << 20))


def taken(connection, size):
    while size:
        size -= connection.recv_into(BUFFER[:size])


def answer(listener):
    """Takes a length and so many bytes, and says when it has them all, until the connection closes."""
    connection, _ = listener.accept()
    with connection:
        while head := connection.recv(8, socket.MSG_WAITALL):
            taken(connection, int.from_bytes(head, "little"))
            connection.sendall(b".")


def seconds_for(connection, size, times):
    message = size.to_bytes(8, "little") + bytes(size)
    begin = time.monotonic()
    for _ in range(times):
        connection.sendall(message)
        taken(connection, 1)
    return (time.monotonic() - begin) / times


def loopback():
    """Its latency, one way, in seconds, and how many bytes it carries in a second."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        with socket.create_connection(listener.getsockname()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            latency = seconds_for(connection, 1, 1000) / 2
            size = 100_000_000
            rate = size / seconds_for(connection, size, 5)
        thread.join()
    return latency, rate


def measured(run, config, nodes):
    """The median of the rounds in seconds, the groups of nodes as `simulate` wants them, and the bytes of the model."""
    with Cluster(*config, {"checkpoint.every_rounds": 5}, run=run) as cluster:
        cluster.start_head()
        slots = {f"node-{number}": slots for number, (slots, _) in enumerate(nodes)}
        for (name, count), (_, pace_ms) in zip(slots.items(), nodes):
            cluster.join(name, pace_ms=pace_ms, slots=count)
        cluster.wait_for_active(*slots)
        cluster.wait_for_version(cluster.log.refresh().version + STEADY_AFTER_ROUNDS)
        begin = time.monotonic()
        cluster.head.runs_for(SECONDS)
        cluster.wait_until(lambda: len(rounds_between(cluster.log.refresh(), begin, math.inf)) >= 3, "three rounds")
        groups = [f"1x{node['slots']}@{node['samples_per_second'] / node['slots']:.4f}"
                  for node in cluster.status()["nodes"]]
        weights = max(Path(run, "checkpoints").glob("[0-9]*")) / "weights.safetensors"
        return statistics.median(rounds_between(cluster.log, begin, math.inf)), groups, os.path.getsize(weights)


def simulated(groups, model_bytes, latency, rate):
    report = fulmar("simulate", "--nodes", ",".join(groups), "--leaves", SAMPLES_IN_ROUND, "--model", f"{model_bytes}B",
                    "--latency", f"{latency * 1e9:.0f}ns", "--bandwidth", f"{rate / 1e6:.0f}MB", "--duration", "2min",
                    "--json").json()
    return report["round_seconds"]["median"]


def main():
    latency, rate = loopback()
    print(f"loopback: {1e6 * latency:.0f} us one way, {rate / 1e9:.2f} GB/s", flush=True)
    missed = []
    for number, (name, (config, nodes)) in enumerate(SHAPES.items()):
        paced, groups, model_bytes = measured(f"run-{number}", config, nodes)
        told = simulated(groups, model_bytes, latency, rate)
        print(f"{name}: paced {1000 * paced:.1f} ms a round, simulated {1000 * told:.1f} ms: "
              f"{100 * (told / paced - 1):+.1f} % ({', '.join(groups)})", flush=True)
        if abs(told / paced - 1) > WISHED:
            missed.append(name)
    check(not missed, f"not within {100 * WISHED:.0f} %:", *missed)


main()
