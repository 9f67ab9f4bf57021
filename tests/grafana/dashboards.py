"""The dashboards of monitoring/grafana as Grafana reads them: their panels and queries, and what it puts in place of
the variables before it asks Prometheus."""
import json
import re
from dataclasses import dataclass

from driving.program import SOURCE, check

FOLDER = SOURCE / "monitoring/grafana/dashboards"
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
LABEL_VALUES = re.compile(r"label_values\((.+), *(\w+)\)")
# How Grafana's Prometheus data source makes a regular expression of a value that was chosen, within a PromQL string.
SPECIAL = re.compile(r"[$^*{}\[\]'+?.()|]")
# PromQL, to find the metrics in it: what is no name of a metric goes first.
NOT_METRICS = (re.compile(r'"(?:\\.|[^"\\])*"'), re.compile(r"\{[^}]*\}"), re.compile(r"\[[^]]*\]"),
               re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"),
               re.compile(r"\boffset\s+\S+"))
METRIC = re.compile(r"(?<![\w:$.])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])")
WORDS = {"and", "or", "unless", "bool", "by", "on", "ignoring", "without", "group_left", "group_right", "Inf", "NaN"}


@dataclass
class Query:
    """One question to Prometheus."""

    where: str  # for people: dashboard, panel and letter
    expression: str
    legend: str  # "{{name}} ({{node}})"
    is_instant: bool


def dashboards():
    """By the names of their files."""
    return {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def panels(dashboard):
    """Those that show something."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def panel_queries(file_name, panel):
    return [Query(f"{file_name}, panel '{panel['title']}', query {target['refId']}", target["expr"],
                  target.get("legendFormat", ""), target.get("instant", False)) for target in panel["targets"]]


def annotation_queries(file_name, dashboard):
    """Those of Grafana's own annotations ask nobody."""
    return [Query(f"{file_name}, annotation '{one['name']}'", one["expr"], one["titleFormat"] + one["textFormat"], False)
            for one in dashboard["annotations"]["list"] if "expr" in one]


def queries(file_name, dashboard):
    return [query for panel in panels(dashboard) for query in panel_queries(file_name, panel)] + annotation_queries(
        file_name, dashboard)


def filled(text, values, where):
    """With each $variable's value in its place."""
    def value(found):
        name = found[1] or found[2]
        check(name in values, f"{where} uses ${name}, which nobody defines, in", text)
        return values[name]

    return VARIABLE.sub(value, text)


def escaped(value):
    """One of several values that may be chosen, for =~ in PromQL."""
    return SPECIAL.sub(r"\\\\\g<0>", value.replace("\\", "\\\\\\\\"))


def label_values(variable, values, where):
    """What a variable's query asks for: series, and the label whose values they are."""
    found = LABEL_VALUES.fullmatch(filled(variable["query"]["query"], values, where))
    check(found, where, "is no label_values(SERIES, LABEL):", variable["query"]["query"])
    return found[1], found[2]


def metrics_in(expression):
    """The names of the metrics that PromQL asks for."""
    for pattern in NOT_METRICS:
        expression = pattern.sub(" ", expression)
    return set(METRIC.findall(expression)) - WORDS


def shown_as(query, labels):
    """A series' name in the legend."""
    def value(found):
        check(found[1] in labels, f"{query.where}: its legend names the label {found[1]}, but a series has", labels)
        return labels[found[1]]

    return re.sub(r"\{\{ *(\w+) *\}\}", value, query.legend)


def columns(panel):
    """The columns of a table, as the transformation that names them says."""
    for step in panel.get("transformations", []):
        if step["id"] == "organize":
            return step["options"]["renameByName"]
    return {}


def is_matched(matcher, names):
    """Whether an override has something to change."""
    if matcher["id"] == "byName":
        return matcher["options"] in names
    return any(re.search(matcher["options"].strip("/"), name) for name in names)
