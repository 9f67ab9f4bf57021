#!/usr/bin/python3
"""`fulmar simulate`, told the speeds that were measured, is wished to say how long the rounds of paced nodes take, within 15 %.

Speeds are what the head says in its status, the size of the model is its checkpoint's, and the network is this machine's own: the
latency and the rate of a loopback connection, measured here. SHAPE_SECONDS: how long each cluster is watched.
"""
import json
import math
import socket
import statistics
import threading
import time
from collections import Counter

from driving.cluster import Cluster
from driving.measuring import MACHINES, rounds_between, wished
from driving.program import check, fulmar

WISHED = 0.15
SECONDS = wished("SHAPE_SECONDS", 15.0)
STEADY_AFTER_ROUNDS = 8
LARGE = {"model.channels": "[160,320]"}  # TO BE SET
# Name of the shape: what is set beside machines.toml, and the nodes as (slots, pace of a leaf in ms).
SHAPES = {
    "1x1": ({}, [(1, 10)]),
    "2x1": ({}, [(1, 10)] * 2),
    "4x1": ({}, [(1, 10)] * 4),
    "4:1 uneven": ({}, [(1, 10), (1, 40)]),
    "1x4": ({}, [(4, 20)]),
    "2x4": ({}, [(4, 40)] * 2),
    "4x1 and 2x2": ({}, [(1, 20)] * 4 + [(2, 40)] * 2),
    "16x1": ({}, [(1, 50)] * 16),
}


def exchanged(connection, message, times):
    for _ in range(times):
        connection.sendall(message)
        left = len(message)
        while left:
            left -= len(connection.recv(min(left, 1 << 20)))


def echo(listener):
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := connection.recv(1 << 20):
            connection.sendall(data)


def loopback():
    """One way: the latency of a small message in seconds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=echo, args=(listener,))
        thread.start()
        with socket.create_connection(listener.getsockname()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            begin = time.monotonic()
            exchanged(connection, b"x", 1000)
            latency = (time.monotonic() - begin) / 2000
        thread.join()
    return latency
