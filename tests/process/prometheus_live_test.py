#!/usr/bin/python3
"""What a live head tells Prometheus: its figures are written as Prometheus wants them, those of a node go with it, and
their number is bounded. And of a run that is well, from its start beyond its end, no alert of monitoring/prometheus is
told. Time is put forward 60 times (driving/prometheus.py)."""
import re
import subprocess
import urllib.request

from driving.cluster import CLUSTER, Cluster
from driving.program import SOURCE, check, wait_until
from driving.prometheus import Prometheus, target_of

# By rounds and by time, so that each figure of a checkpoint is there in one of the two runs.
ENDLESS = (CLUSTER, {"stop.epochs": 100_000, "checkpoint": '{every = "1s", keep = 2}'})
WELL = (CLUSTER, {"stop.epochs": 36})
SERIES_OF_A_NODE = 16  # at most
LABELS = {"direction", "kind", "le", "name", "node", "part", "policy", "queue", "reason", "run", "socket", "split",
          "state", "version"}
# What a run need not have: a message of a member that went unused.
MAY_LACK = {"fulmar_dropped_messages_total"}
# What a moment may look like and must not last: a newcomer waits while it is measured, and nodes that share two cores
# with other tests are slower now and then. Five minutes are five seconds here.
MAY_BE_PENDING = {"FulmarStraggler", "FulmarGoodputLow", "FulmarGateIdle"}


def exposition(cluster):
    with urllib.request.urlopen(f"http://{target_of(cluster.head)}/metrics", timeout=10) as answer:
        return answer.read().decode()


def families(text):
    return set(re.findall(r"^# TYPE (\S+)", text, re.M))


def series(text):
    return {line.rsplit(" ", 1)[0] for line in text.splitlines() if line and not line.startswith("#")}


def of_nodes(text, *names):
    """The series of these nodes; of all, where none is named."""
    wanted = [f'name="{name}"' for name in names] or ['node="']
    return {name for name in series(text) if 'node="' in name and any(label in name for label in wanted)}


def families_of_the_readme():
    rows = [line for line in (SOURCE / "README.md").read_text().splitlines() if line.startswith("| `fulmar_")]
    return {name for row in rows for name in re.findall(r"fulmar_\w+", row.split(" | ")[0])}


def is_written_well(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60,
                          check=False)
    check(done.returncode == 0 and not done.stdout + done.stderr, "promtool says:", done.stdout, done.stderr)
    labels = set(re.findall(r'[{,](\w+)="', text))
    check(labels <= LABELS, "labels that nobody has bounded:", labels - LABELS)


def all_figures_are_there():
    """Through rounds, units, deaths and departures; the families that were seen on the way."""
    with Cluster(*ENDLESS, run="rich", pace_ms=10) as cluster:
        cluster.start_head()
        empty = exposition(cluster)
        is_written_well(empty)
        check(not of_nodes(empty), "nodes that nobody has started:", of_nodes(empty))
        for name in ("a", "b", "c"):
            cluster.join(name)
        cluster.wait_for_active("a", "b", "c")
        # Until each part of a round was measured, and a version validated.
        cluster.wait_for_version(20)
        with_three = exposition(cluster)
        is_written_well(with_three)
        share = len(of_nodes(with_three)) / 3
        print(f"series: {len(series(with_three)) - len(of_nodes(with_three))} of a run, and {share:g} for each node")
        check(0 < share <= SERIES_OF_A_NODE, "series of a node:", share, sorted(of_nodes(with_three, "a")))

        cluster.asked("policy", "bounded:4")
        cluster.wait_until(lambda: cluster.metrics().get("fulmar_update_staleness_count", 0) > 20, "updates of units")
        bounded = exposition(cluster)
        is_written_well(bounded)
        check("fulmar_staleness_bound 4" in bounded, "no bound on staleness is told")
        cluster.asked("policy", "sync")
        cluster.wait_until(lambda: "fulmar_staleness_bound" not in families(exposition(cluster)), "end of the bound")
        policies = [name for name in series(exposition(cluster)) if name.startswith("fulmar_policy_info")]
        check(len(policies) == 1, "policies:", policies)

        cluster.joiners["b"].kill()
        cluster.joiners["c"].drain()
        cluster.wait_until(lambda: not of_nodes(exposition(cluster), "b", "c"), "end of the series of b and c")
        left = exposition(cluster)
        is_written_well(left)
        check(len(of_nodes(left)) == share, "series of nodes:", sorted(of_nodes(left)))
        there = families(with_three) | families(bounded) | families(left)
        print(f"{len(there)} families")
        known = families_of_the_readme()
        check(there <= known, "the README does not know", sorted(there - known))
        lacks = known - there - MAY_LACK
        check(not lacks, "the README knows, and the endpoint lacks", sorted(lacks))


def figures_and_rules_answer(prometheus):
    """Each recorded figure had a value at some time, and no rule has failed."""
    for rule in prometheus.rules():
        check(rule["health"] == "ok", rule["name"], "is in state", rule["health"], rule.get("lastError"))
        if rule["type"] == "recording":
            check(prometheus.query(f"last_over_time({rule['name']}[10m])"), rule["name"], "was never there")


def told(prometheus):
    """All alerts that there ever were; of some a moment's suspicion does not count."""
    alerts = {(labels["alertname"], labels["alertstate"])
              for labels, _ in prometheus.query("last_over_time(ALERTS[30m])")}
    return sorted(alerts - {(name, "pending") for name in MAY_BE_PENDING})


def nothing_is_told_of_a_run_that_is_well():
    """Of one that begins with one node, others join, it works by a bound for a while, one is drained, and it ends."""
    with Cluster(*WELL, run="well", pace_ms=40, head_slots=1) as cluster:
        cluster.start_head()
        with Prometheus(target_of(cluster.head)) as prometheus:
            prometheus.wait_until_scraped()
            cluster.join("a")
            cluster.wait_for_active("a")
            cluster.join("b", slots=2)
            cluster.wait_for_active("b")
            cluster.wait_for_version(50)
            cluster.asked("policy", "bounded:4")
            cluster.wait_for_version(cluster.log.version + 15)
            cluster.asked("policy", "sync")
            cluster.wait_for_version(cluster.log.version + 20)
            cluster.joiners["b"].drain()
            cluster.wait_until_gone("b")
            cluster.finish()
            # As long as it takes until somebody would be told that the head is gone: a minute, put forward.
            wait_until(lambda: prometheus.values("min_over_time((sum_over_time(up[3s]))[1s:]) == 0"), "silence for 4 s")
            figures_and_rules_answer(prometheus)
            check(not told(prometheus), "of a run that is well these alerts were told:", told(prometheus))


all_figures_are_there()
nothing_is_told_of_a_run_that_is_well()
