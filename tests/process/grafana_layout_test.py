#!/usr/bin/python3
"""What a dashboard's schema does not say: panels lie beside each other, have a unit, say what they show and what to do,
name each other rightly, and step as often as Prometheus scrapes."""
import re

from driving.program import SOURCE, check
from grafana.dashboards import columns, dashboards, panels

UIDS = {"run.json": "fulmar-run", "nodes.json": "fulmar-nodes"}  # links and bookmarks are made of them
COLUMNS = 24
# Of Grafana's list of units and reducers, those that are used here: a slip would show nothing but bare numbers.
UNITS = {"none", "short", "s", "percentunit", "bytes", "Bps", "suffix:samples/s", "suffix:/s",
         "suffix:cores", "suffix:×"}
REDUCERS = {"lastNotNull", "min", "max", "mean"}
WITHOUT_UNIT = {"heatmap", "state-timeline", "table"}  # it is that of the axis, of the states, of each column


def cells(panel):
    at = panel["gridPos"]
    check(at["x"] >= 0 and at["x"] + at["w"] <= COLUMNS and at["w"] > 0 and at["h"] > 0, panel["title"], "lies outside:", at)
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


def panels_lie_beside_each_other(name, dashboard):
    taken, ids = {}, {}
    for panel in dashboard["panels"]:
        check(panel["id"] not in ids, f"{name}: '{panel['title']}' and '{ids.get(panel['id'])}' have one id")
        ids[panel["id"]] = panel["title"]
        for cell in cells(panel):
            check(cell not in taken, f"{name}: '{panel['title']}' covers '{taken.get(cell)}'")
            taken[cell] = panel["title"]


def panels_say_what_they_show_and_what_to_do(name, dashboard):
    titles = {panel["title"] for panel in dashboard["panels"]}
    for panel in panels(dashboard):
        where, said = f"{name}, panel '{panel['title']}'", panel["description"]
        check(len(re.findall(r"[.:;](?: |$)", said)) >= 2 and said.endswith("."), where, "does not say what to do:", said)
        for cited in re.findall(r"'([A-Z][^']+)'", said):
            check(cited in titles, where, "sends the reader to a panel that there is not:", cited)


def panels_have_units_and_letters(name, dashboard):
    for panel in panels(dashboard):
        where, fields = f"{name}, panel '{panel['title']}'", panel["fieldConfig"]["defaults"]
        check(panel["type"] in WITHOUT_UNIT or fields.get("unit") in UNITS, where, "has no unit that is known:", fields)
        letters = [target["refId"] for target in panel["targets"]]
        check(letters and len(set(letters)) == len(letters), where, "has queries of one letter:", letters)
        options = panel["options"]
        reducers = options.get("legend", {}).get("calcs", []) + options.get("reduceOptions", {}).get("calcs", [])
        check(set(reducers) <= REDUCERS, where, "reduces by something unknown:", reducers)
        if panel["type"] == "table":
            named = columns(panel)
            check({f"Value #{letter}" for letter in letters} <= set(named), where, "has columns without a name:", named)


def dashboards_are_where_they_are_looked_for():
    found = {name: dashboard["uid"] for name, dashboard in dashboards().items()}
    check(found == UIDS, "the dashboards have the uids", found)
    for name, dashboard in dashboards().items():
        check("fulmar" in dashboard["tags"], name, "is not found by the link between dashboards:", dashboard["tags"])
        check(dashboard.get("id") is None, name, "has the number that some Grafana gave it")


def steps_follow_the_scrapes():
    def found(path, key):
        return re.search(rf"^\s*{key}: (\w+)$", (SOURCE / "monitoring" / path).read_text(), re.M)[1]

    scrapes = found("prometheus/prometheus.yml", "scrape_interval")
    steps = found("grafana/provisioning/datasources/fulmar.yml", "timeInterval")
    check(scrapes == steps, f"Prometheus scrapes every {scrapes}, Grafana's data source says {steps}")


dashboards_are_where_they_are_looked_for()
steps_follow_the_scrapes()
for file_name, checked in dashboards().items():
    panels_lie_beside_each_other(file_name, checked)
    panels_say_what_they_show_and_what_to_do(file_name, checked)
    panels_have_units_and_letters(file_name, checked)
