#!/usr/bin/python3
"""Every query of the dashboards has an answer: those of panels, variables and annotations, filled in as Grafana does it,
are put to a real Prometheus that scrapes a real run in which nodes joined, froze, were killed and drained, and the
policy was switched to and fro. An error, an answer without a number, a metric that nobody has and a legend or an
override that fits no series are failures, named by panel and query; so is a metric that no dashboard shows.
"""
import re
import sys
import time

from driving.cluster import CLUSTER, Cluster
from driving.program import check, fulmar
from driving.prometheus import QUICK_SECONDS, Prometheus
from grafana.dashboards import (LABEL_VALUES, Query, annotation_queries, columns, dashboards, escaped, filled, is_matched,
                                label_values, metrics_in, panel_queries, panels, queries, shown_as)

SCRAPE_SECONDS = QUICK_SECONDS
# Of a panel: as short as Grafana makes it when little is shown. A panel's own least step would leave no point here.
STEP_SECONDS = SCRAPE_SECONDS
RUN = {"stop.epochs": 100_000, "checkpoint": '{every = "2s"}'}  # as long as the test
# What no panel is for.
NOT_SHOWN = {"fulmar_build_info": "the status page has the version"}


# ---- a run in which everything happens

def work(cluster, versions):
    cluster.wait_for_version(cluster.log.refresh().version + versions)


def switch(cluster, policy):
    cluster.asked("policy", policy)
    cluster.wait_until(lambda: cluster.status()["policy"] == policy, f"policy {policy}")
    work(cluster, 20)


def kill_until_made_up_for(cluster, node):
    """A node may die with its part done; one at least dies with leases that others get. And twice, for alerts."""
    for killed in range(1, 21):
        cluster.joiners[node].kill()
        cluster.wait_until_gone(node)
        work(cluster, 2)
        cluster.join_again(node)
        cluster.wait_for_active(node)
        if killed >= 2 and cluster.metrics()["fulmar_recovery_duration_seconds_count"] >= 1:
            return
    sys.exit("FAILED: nothing that a dead node had was made up for")


def freeze_until_late(cluster, node):
    """It is given up, and comes back; until somebody has said late what is of no use any more."""
    for _ in range(20):
        cluster.joiners[node].freeze()
        cluster.wait_until_gone(node)
        cluster.joiners[node].thaw()
        cluster.wait_for_active(node)
        if any(name.startswith("fulmar_dropped_messages_total") for name in cluster.metrics()):
            return
    sys.exit("FAILED: no message was dropped")


def everything_happens(cluster):
    for node in ("a.west", "b", "c", "d"):
        cluster.join(node)
    cluster.wait_for_active("a.west", "b", "c", "d")
    work(cluster, 20)
    kill_until_made_up_for(cluster, "b")
    switch(cluster, "bounded:2")
    freeze_until_late(cluster, "c")
    work(cluster, 20)
    switch(cluster, "sync")
    fulmar("drain", cluster.local_endpoint(), "d")
    cluster.joiners["d"].end()
    work(cluster, 20)


# ---- what is asked

class Span:
    """The time shown: from `start` to `end`, in seconds since 1970, and what Grafana makes of it."""

    def __init__(self, start, end):
        steps = int((end - start) / STEP_SECONDS) + 1
        self.start, self.end = end - steps * STEP_SECONDS, end  # the last point is the end
        rate_ms = round(1000 * max(STEP_SECONDS + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS))
        self.values = {"__interval": f"{round(1000 * STEP_SECONDS)}ms", "__rate_interval": f"{rate_ms}ms",
                       "__range": f"{round(end - start)}s"}


def answer(prometheus, query, expression, span):
    """The labels of each series that has a number in it."""
    if query.is_instant:
        data = prometheus.get("query", query=expression, time=span.end)
        found = [(series["metric"], [series["value"]]) for series in data["result"]]
    else:
        data = prometheus.get("query_range", query=expression, start=span.start, end=span.end, step=STEP_SECONDS)
        found = [(series["metric"], series["values"]) for series in data["result"]]
    return [labels for labels, points in found if any(value != "NaN" for _, value in points)]


def series_of(prometheus, query, values, span, known):
    """The names under which a query's series are shown; ends with the reason where there are none."""
    expression = filled(query.expression, values, query.where)
    unknown = metrics_in(expression) - known
    check(not unknown, f"{query.where} asks for {', '.join(sorted(unknown))}, which neither a head nor a rule has")
    try:
        found = answer(prometheus, query, expression, span)
    except SystemExit as error:
        sys.exit(f"FAILED: {query.where}: {error.code}")
    check(found, query.where, "has no data:", expression)
    return {shown_as(query, labels) for labels in found}


def chosen(prometheus, file_name, dashboard, span):
    """What each variable offers, as Grafana asks for it, with the first value chosen in those after it."""
    values, offered = dict(span.values), {}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        where = f"{file_name}, variable ${variable['name']}"
        series, label = label_values(variable, values, where)
        offers = prometheus.get(f"label/{label}/values", **{"match[]": series, "start": span.start, "end": span.end})
        check(offers, where, "offers nothing:", variable["query"]["query"])
        values[variable["name"]] = variable.get("allValue") or offers[0]
        offered[variable["name"]] = offers
    return values, offered


def wrong_with_panel(prometheus, file_name, panel, values, span, known):
    """Complaints about its queries, and about what it does to series that it does not have."""
    complaints, names = [], set(columns(panel).values())
    for query in panel_queries(file_name, panel):
        try:
            names |= series_of(prometheus, query, values, span, known)
        except SystemExit as error:
            complaints.append(error.code)
    if not complaints:
        complaints = [f"{file_name}, panel '{panel['title']}' has an override for {override['matcher']['options']}, which "
                      f"is none of {sorted(names)}" for override in panel["fieldConfig"]["overrides"]
                      if not is_matched(override["matcher"], names)]
    return complaints


def wrong_with(prometheus, file_name, dashboard, values, span, known):
    complaints = []
    for panel in panels(dashboard):
        complaints += wrong_with_panel(prometheus, file_name, panel, values, span, known)
    for query in annotation_queries(file_name, dashboard):
        try:
            series_of(prometheus, query, values, span, known)
        except SystemExit as error:
            complaints.append(error.code)
    return complaints


# ---- what must hold

def every_query_has_data(prometheus, span, known):
    complaints = []
    for file_name, dashboard in dashboards().items():
        values, offered = chosen(prometheus, file_name, dashboard, span)
        complaints += wrong_with(prometheus, file_name, dashboard, values, span, known)
        if "node" in offered:  # not all of them, but one whose name has a dot
            check("a.west" in offered["node"], "the nodes are", offered["node"])
            values["node"] = escaped("a.west")
            complaints += wrong_with(prometheus, file_name, dashboard, values, span, known)
    check(not complaints, f"{len(complaints)} complaints:\n  " + "\n  ".join(dict.fromkeys(complaints)))


def every_metric_is_shown(known):
    asked = set()
    for name, dashboard in dashboards().items():
        asked |= {metric for query in queries(name, dashboard) for metric in metrics_in(query.expression)}
        asked |= {metric for variable in dashboard["templating"]["list"] if variable["type"] == "query"
                  for metric in metrics_in(LABEL_VALUES.fullmatch(variable["query"]["query"])[1])}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    missing = {name for name in known if name.startswith("fulmar_") and name not in NOT_SHOWN
               and re.sub(r"_(bucket|sum|count)$", "", name) not in families}
    check(not missing, "no dashboard shows", ", ".join(sorted(missing)))


def a_wrong_query_is_noticed(prometheus, span, known):
    for expression, legend, complaint in (("fulmar_versions", "", "neither a head nor a rule has"),
                                          ('fulmar_version{instance="elsewhere"}', "", "has no data"),
                                          ("0 * fulmar_version / 0", "", "has no data"),
                                          ("rate(fulmar_version[1m]", "", "Prometheus answers"),
                                          ("fulmar_nodes", "{{node}}", "names the label node"),
                                          ('fulmar_nodes{name="$nobody"}', "", "nobody defines")):
        query = Query("a wrong query", expression, legend, False)
        try:
            series_of(prometheus, query, span.values, span, known)
            said = "nothing"
        except SystemExit as error:
            said = error.code
        check(complaint in said and "a wrong query" in said, "of", expression, "it says", said)


def main():
    begins = time.time()
    with Cluster(CLUSTER, RUN, pace_ms=10, head_slots=1) as cluster:
        cluster.start_head()
        port = re.search(r"metrics on port (\d+)", cluster.head.err())[1]
        with Prometheus(f"127.0.0.1:{port}") as prometheus:
            prometheus.wait_until_scraped()
            everything_happens(cluster)
            version = cluster.log.refresh().version
            prometheus.wait_until(lambda: prometheus.values("fulmar_version") > [version], "scrape of the end")
            prometheus.wait_until(prometheus.alerts, "alert about the lost nodes")
            span = Span(begins, time.time())
            known = prometheus.metric_names() | {rule["name"] for rule in prometheus.rules() if rule["type"] == "recording"}
            a_wrong_query_is_noticed(prometheus, span, known)
            every_query_has_data(prometheus, span, known)
            every_metric_is_shown(known)
            asked = sum(len(queries(name, dashboard)) for name, dashboard in dashboards().items())
            print(f"{asked} queries have data after {span.end - span.start:.0f} s of a run")


main()
