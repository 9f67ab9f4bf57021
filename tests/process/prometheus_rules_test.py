#!/usr/bin/python3
"""The configuration, the rules and the alerts of monitoring/prometheus: promtool accepts them, their own tests pass,
each alert is shown to fire and to stay silent and says what to do, and every metric in them is one of the README's."""
import re
import subprocess
from pathlib import Path

import yaml

from driving.program import SOURCE, check
from driving.prometheus import CONFIGURATION, hastened

TESTS = sorted((CONFIGURATION / "tests").glob("*.test.yml"))
RULES, ALERTS = CONFIGURATION / "fulmar.rules.yml", CONFIGURATION / "fulmar.alerts.yml"
SEVERITIES = {"critical", "warning", "info"}
SAYS = {"summary", "description", "action"}
PARTS_OF_A_HISTOGRAM = r"_(?:bucket|sum|count)$"
STRINGS = re.compile(r"\"[^\"]*\"|'[^']*'")


def promtool(*words, code=0):
    """What it prints; it must end with exit code `code`."""
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    said = done.stdout + done.stderr
    check(done.returncode == code, "promtool", *words, f"ended with {done.returncode}:\n{said}")
    return said


def rules_of(path):
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def cases():
    """Of all test files: (test group, expression test)."""
    for path in TESTS:
        for group in yaml.safe_load(path.read_text())["tests"]:
            for case in group["promql_expr_test"]:
                yield group, case


def of_alert(expression):
    found = re.search(r'ALERTS\{[^}]*alertname="(\w+)"', expression)
    return found and found[1]


def files_are_accepted():
    for check_words in (["config", CONFIGURATION / "prometheus.yml"], ["rules", "--lint=all", RULES, ALERTS]):
        print(promtool("check", *check_words))
    check(TESTS, "there are no tests of the rules")
    print(promtool("test", "rules", *TESTS))


def each_alert_says_what_to_do(alerts):
    check(len(alerts) == len({alert["alert"] for alert in alerts}), "two alerts have the same name")
    for alert in alerts:
        name = alert["alert"]
        check(alert["labels"].get("severity") in SEVERITIES, name, "has the severity", alert["labels"])
        check(set(alert["annotations"]) == SAYS, name, "says", sorted(alert["annotations"]), "instead of", sorted(SAYS))
        for key, text in alert["annotations"].items():
            check(len(text) > 20 and "\n" not in text, f"{name}: its {key} is no sentence:", text)
        check("$labels.instance" in alert["annotations"]["summary"], name, "does not say of which head")


def the_readme_lists_them(alerts):
    rows = [row for row in (SOURCE / "monitoring/README.md").read_text().splitlines() if row.startswith("| `Fulmar")]
    listed = {name: row.split(" | ")[1] for row in rows for name in re.findall(r"`(Fulmar\w+)`", row.split(" | ")[0])}
    there = {alert["alert"]: alert["labels"]["severity"] for alert in alerts}
    differences = set(listed.items()) ^ set(there.items())
    check(not differences, "monitoring/README.md lists other alerts or severities:", differences)


def each_rule_is_tested(alerts, records):
    """An alert in a case in which it fires, and in one in which it does not, though it is asked for alone."""
    expressions = [case["expr"] for _, case in cases()]
    fires = {of_alert(case["expr"]) for _, case in cases() if case["exp_samples"]}
    silent = {of_alert(case["expr"]) for _, case in cases() if not case["exp_samples"]}
    for alert in alerts:
        check(alert["alert"] in fires, alert["alert"], "fires in no test")
        check(alert["alert"] in silent, alert["alert"], "is silent in no test")
    for record in records:
        name = re.compile(re.escape(record["record"]) + r"(?![\w:])")
        check(any(name.search(expression) for expression in expressions), record["record"], "is in no test")
    print(f"{len(alerts)} alerts and {len(records)} recorded figures, each tested")


def texts_expand(alerts):
    """Promtool prints an alert that is not expected, with its texts: so each is made to fire and not expected."""
    tests = [{"interval": group["interval"], "input_series": group["input_series"],
              "alert_rule_test": [{"alertname": name, "eval_time": case["eval_time"], "exp_alerts": []}]}
             for group, case in cases() if (name := of_alert(case["expr"])) and case["exp_samples"]]
    content = {"rule_files": [str(RULES), str(ALERTS)], "evaluation_interval": "1m", "tests": tests}
    file = Path("unexpected.test.yml")
    file.write_text(yaml.safe_dump(content))
    texts = re.findall(r'Labels:\{alertname="(\w+)".*\}\s+'
                       r'Annotations:\{action="(.*)", description="(.*)", summary="(.*)"\}',
                       promtool("test", "rules", file, code=1))
    for name, action, description, summary in texts:
        print(f"{name}: {summary}. {description} {action}")
        for text in (action, description, summary):
            check(not re.search(r"\{\{|<error|<no value>|%!", text), name, "says:", text)
    fired = {name for name, *_ in texts}
    check(fired == {alert["alert"] for alert in alerts}, "texts were read of", sorted(fired))


def metrics_of(expression):
    """The names of what it asks for: recorded ones with colons, all others without the parts of histograms."""
    for name in re.findall(r"[a-zA-Z_][\w:]*", STRINGS.sub("", expression)):
        if ":" in name or name.startswith("fulmar_"):
            yield name if ":" in name else re.sub(PARTS_OF_A_HISTOGRAM, "", name)


def each_metric_exists(alerts, records):
    readme = (SOURCE / "README.md").read_text()
    rows = [line for line in readme.splitlines() if line.startswith("| `fulmar_")]
    known = {name for row in rows for name in re.findall(r"fulmar_\w+", row)}
    known |= {record["record"] for record in records}
    for rule in [*alerts, *records]:
        for name in metrics_of(rule["expr"]):
            check(name in known, rule.get("alert") or rule.get("record"), "asks for", name,
                  "which neither the README's table nor a rule has")


def time_can_be_put_forward(alerts, records):
    """The live tests divide every stretch of time: none may be written so that it is overlooked."""
    for rule in [*alerts, *records]:
        expression = STRINGS.sub("", rule["expr"])
        overlooked = re.findall(r"(?<![\w:.\[])\d{2,}(?![\w.])(?!\s*# seconds)", expression)
        overlooked = [number for number in overlooked if int(number) >= 60]
        check(not overlooked, rule, "has numbers that may be seconds, and do not say so:", overlooked)
    for path in (RULES, ALERTS):
        quick = hastened(path.read_text(), 60)
        left = [line for line in quick.splitlines() if re.search(r"(\[|\boffset |\bfor: )\d+[smhdw]\b", line)]
        check(not left, path.name, "keeps its time in", left)
        Path(path.name).write_text(quick)
    promtool("check", "rules", RULES.name, ALERTS.name)


def main():
    files_are_accepted()
    alerts, records = rules_of(ALERTS), rules_of(RULES)
    each_alert_says_what_to_do(alerts)
    the_readme_lists_them(alerts)
    each_rule_is_tested(alerts, records)
    texts_expand(alerts)
    each_metric_exists(alerts, records)
    time_can_be_put_forward(alerts, records)


main()
