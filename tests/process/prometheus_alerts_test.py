#!/usr/bin/python3
"""Alerts that real trouble sets off in a real Prometheus: nodes that are killed or frozen, strangers, a bound that is
too tight, a head that is killed, a full disk. Each ends when the trouble does. Time is put forward 60 times
(driving/prometheus.py). Where the machine allows no small disk, that part is left out.
"""
import os
import subprocess
import sys
from pathlib import Path

from driving.cluster import CLUSTER, Cluster, free_endpoint
from driving.program import SMALL, Training, check
from driving.prometheus import Prometheus, target_of
from driving.strangers import Stranger

NAMESPACE = ["unshare", "--map-root-user", "--mount"]
ENDLESS = {"stop.epochs": 400_000, "checkpoint.every_rounds": 200}
# Checkpoints of 0.5 MB, on a disk of 4 MB.
ON_A_SMALL_DISK = {"model.channels": "[64, 64]", "stop.epochs": 400_000, "checkpoint": "{every_rounds=20, keep=2}",
                   "run.directory": "disk/run"}


def fires(prometheus, alert_name, **labels):
    """Waits until the alert does, and reads what it says."""
    alert = prometheus.wait_for_alert(alert_name)
    texts = alert["annotations"]
    print(f"{alert_name}: {texts['summary']}. {texts['description']}", flush=True)
    check(not any("<error" in text for text in texts.values()), alert_name, "says:", texts)
    for key, value in labels.items():
        check(alert["labels"].get(key) == value, alert_name, "is told of", alert["labels"])


def ends(prometheus, *names):
    prometheus.wait_until(lambda: not prometheus.firing() & set(names), f"end of the alerts {', '.join(names)}")


def wait_until_lives_are_seen(prometheus, name, number):
    """One that ends between two scrapes was none, for Prometheus."""
    lives = f'count(count_over_time(fulmar_node_incarnation{{name="{name}"}}[5m]))'
    prometheus.wait_until(lambda: prometheus.values(f"{lives} >= {number}"), f"life {number} of {name}")


def nodes_that_are_killed():
    with Cluster(CLUSTER, ENDLESS, run="killed", pace_ms=20, head_slots=1) as cluster:
        cluster.start_head()
        with Prometheus(target_of(cluster.head), folder="killed-prometheus") as prometheus:
            prometheus.wait_until_scraped()
            cluster.join("steady")
            cluster.join("flaps")
            cluster.wait_for_active("steady", "flaps")
            for deaths in range(3):
                wait_until_lives_are_seen(prometheus, "flaps", deaths + 1)
                cluster.joiners["flaps"].kill()
                cluster.wait_until_gone("flaps")
                cluster.join_again("flaps")
                cluster.wait_for_active("flaps")
            fires(prometheus, "FulmarNodeFlapping", name="flaps")
            fires(prometheus, "FulmarNodesFailOften")
            ends(prometheus, "FulmarNodeFlapping")


def nodes_that_freeze_and_strangers():
    with Cluster(CLUSTER, ENDLESS, run="frozen", pace_ms=20) as cluster:
        cluster.start_head()
        names = ["a", "b", "c"]
        for name in names:
            cluster.join(name)
        with Prometheus(target_of(cluster.head), folder="frozen-prometheus") as prometheus:
            cluster.wait_for_active(*names)
            prometheus.wait_until_scraped()
            for name in names:
                cluster.joiners[name].freeze()
            fires(prometheus, "FulmarNoNodes")
            fires(prometheus, "FulmarNoProgress")
            for name in names:
                cluster.joiners[name].thaw()
            cluster.wait_for_active(*names)
            ends(prometheus, "FulmarNoNodes", "FulmarNoProgress")

            with Stranger(cluster.endpoint) as stranger:
                for number in range(100):
                    stranger.say([b"open the door, please", bytes([number])])
            fires(prometheus, "FulmarHostilePackets")

            cluster.asked("policy", "bounded:0")  # one of three computes at a time
            fires(prometheus, "FulmarGateIdle")
            cluster.asked("policy", "sync")
            ends(prometheus, "FulmarGateIdle", "FulmarHostilePackets")


def a_head_that_is_killed():
    target = free_endpoint().removeprefix("tcp://")
    words = [SMALL, ENDLESS, {"run.directory": "killed-head"}, "--slots", 1, "--metrics", target]
    with Prometheus(target, folder="head-prometheus") as prometheus:
        with Training(*words) as head:
            # What is recorded of it is all that is known of it afterwards.
            head.wait_until(lambda: prometheus.values("instance:fulmar_time_left:seconds > 0"), "figures of the run")
            check(not prometheus.alerts(), "before anything has happened there is", prometheus.alerts())
            head.kill()
        fires(prometheus, "FulmarHeadGone")
        with Training(*words, "--resume"):
            fires(prometheus, "FulmarHeadRestarted")
            ends(prometheus, "FulmarHeadGone", "FulmarHeadRestarted")


def a_disk_that_is_full():
    Path("disk").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", "disk"], check=True)
    filler = Path("disk/filler")
    with Training(SMALL, ON_A_SMALL_DISK, "--slots", 1, "--metrics", "127.0.0.1:0") as head:
        head.wait_for_text("metrics on port ")
        with Prometheus(target_of(head), folder="disk-prometheus") as prometheus:
            head.wait_until(lambda: prometheus.values("fulmar_checkpoint_bytes > 0"), "checkpoint")
            check(not prometheus.firing(), "before the disk is full there is", prometheus.firing())
            fill(filler)
            for name in ("FulmarStorageFailing", "FulmarCheckpointFailing", "FulmarDiskFull"):
                fires(prometheus, name)
            check(head.is_running(), "the run has ended:", head.err())
            filler.unlink()
            ends(prometheus, "FulmarDiskFull", "FulmarCheckpointFailing", "FulmarStorageFailing")


def fill(filler):
    """Leaves no room at all."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def main():
    if len(sys.argv) > 1:
        a_disk_that_is_full()
        return
    a_head_that_is_killed()
    nodes_that_are_killed()
    nodes_that_freeze_and_strangers()
    if subprocess.run([*NAMESPACE, "true"], check=False).returncode == 0:
        sys.stdout.flush()
        os.execvp(NAMESPACE[0], [*NAMESPACE, sys.argv[0], "with-a-small-disk"])
    print("This machine does not allow a mount namespace, so there is no small disk to fill")


main()
