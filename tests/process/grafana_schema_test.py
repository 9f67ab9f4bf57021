#!/usr/bin/python3
"""The dashboards hold nothing that Grafana's own types do not have: each file, as a TypeScript literal, compiles
against npm's @grafana/schema (tests/grafana/dashboard.ts), and each of some broken copies does not.

The packages are pinned by version and hash, and installed into the build directory once; nothing of them is run but
the compiler. Without npm, or where no registry can be reached, this is skipped.
"""
import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from driving.program import SOURCE, check
from grafana.dashboards import dashboards, panels

CHECK = SOURCE / "tests/grafana"
FILES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "dashboard.ts")
FOLDER = Path(os.environ["FULMAR_BUILD"]) / "grafana-schema"
LITERAL = 'import type {{ CheckedDashboard }} from "./dashboard"; export const dashboard: CheckedDashboard = {}'
UNREACHABLE = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b")


def skip(why):
    print(f"SKIPPED, NOT TESTED HERE: the dashboards' types, because {why}")
    sys.exit(77)


def the_packages_are_pinned_and_name_no_host():
    text = (CHECK / "package-lock.json").read_text()
    check("://" not in text and '"resolved"' not in text, "the lock names a host")
    wanted = json.loads((CHECK / "package.json").read_text())["devDependencies"]
    for name, version in wanted.items():
        check(re.fullmatch(r"\d+\.\d+\.\d+", version), name, "is not pinned to one version:", version)
    for name, package in json.loads(text)["packages"].items():
        check(not name or package["integrity"].startswith("sha512-"), name, "has no hash in the lock")


def install():
    """npm's packages, if those of this lock are not there yet."""
    if not shutil.which("npm"):
        skip("there is no npm (Debian's packages nodejs and npm)")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(CHECK / name, FOLDER / name)
    installed = FOLDER / "node_modules/installed-lock.json"
    lock = FOLDER / "package-lock.json"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(words, cwd=FOLDER, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0 and UNREACHABLE.search(done.stderr):
        skip(f"npm reaches no registry: {done.stderr.splitlines()[0]}")
    check(done.returncode == 0, " ".join(words), "failed:", done.stdout + done.stderr)
    shutil.copy(lock, installed)


def write(name, text):
    """Everything is on the line that it has in its own file: the import stands before the first."""
    (FOLDER / f"{name}.ts").write_text(LITERAL.format(text))


def compile_all():
    """What the compiler finds: its messages, by the names that the literals were written under."""
    words = ["node_modules/.bin/tsc", "--project", ".", "--pretty", "false"]
    done = subprocess.run(words, cwd=FOLDER, capture_output=True, text=True, timeout=300, check=False)
    found = {}
    for name, message in re.findall(r"^(\S+)\.ts(\(.*)$", done.stdout, re.M):
        found.setdefault(name, []).append(message)
    check(done.returncode == 0 or found, "the compiler failed:", done.stdout + done.stderr)
    return found


def panel_of(dashboard, kind):
    return next(panel for panel in panels(dashboard) if panel["type"] == kind)


# How to break a dashboard, by what that is.
BREAKS = {
    "a key that the dashboard does not have": lambda broken: broken.update(refreshEvery="10s"),
    "no title": lambda broken: broken.pop("title"),
    "a kind of panel that there is not": lambda broken: panel_of(broken, "stat").update(type="stats"),
    "a panel without a description": lambda broken: panel_of(broken, "stat").pop("description"),
    "a panel that asks another data source": lambda broken: panel_of(broken, "stat")["datasource"].update(uid="mine"),
    "an option that this kind of panel does not have":
        lambda broken: panel_of(broken, "heatmap")["options"].update(colorMode="value"),
    "a value that an option does not have": lambda broken: panel_of(broken, "stat")["options"].update(graphMode="areas"),
    "a missing option": lambda broken: panel_of(broken, "timeseries")["options"].pop("legend"),
    "a field that this kind of panel does not draw":
        lambda broken: panel_of(broken, "timeseries")["fieldConfig"]["defaults"]["custom"].update(barWidth=1),
    "a threshold without a color":
        lambda broken: panel_of(broken, "stat")["fieldConfig"]["defaults"]["thresholds"]["steps"][0].pop("color"),
    "an override of a property that there is not":
        lambda broken: first_override(broken)["properties"][0].update(id="colour"),
    "an override to a value of another type": lambda broken: first_override(broken)["properties"][0].update(value="red"),
    "a place that is no number": lambda broken: panel_of(broken, "stat")["gridPos"].update(x="0"),
    "a query without an expression": lambda broken: panel_of(broken, "stat")["targets"][0].pop("expr"),
    "an annotation in the form of newer Grafanas alone":
        lambda broken: broken["annotations"]["list"][1].update(target={"refId": "A", "expr": "up"}),
    "a variable of a kind that there is not":
        lambda broken: broken["templating"]["list"][1].update(type="label_values"),
}


def first_override(dashboard):
    return next(panel for panel in panels(dashboard) if panel["fieldConfig"]["overrides"])["fieldConfig"]["overrides"][0]


def main():
    the_packages_are_pinned_and_name_no_host()
    install()
    for old in FOLDER.glob("checked_*.ts"):
        old.unlink()
    whole = {f"checked_{name.removesuffix('.json')}": name for name in dashboards()}
    for literal, name in whole.items():
        write(literal, (SOURCE / "monitoring/grafana/dashboards" / name).read_text())
    broken_copies = {f"checked_broken_{number}": what for number, what in enumerate(BREAKS)}
    for literal, what in broken_copies.items():
        broken = copy.deepcopy(dashboards()["run.json"])
        BREAKS[what](broken)
        write(literal, json.dumps(broken, indent=1))

    found = compile_all()
    check(not set(found) - set(whole) - set(broken_copies), "the types themselves do not compile:", found)
    for literal, name in whole.items():
        check(literal not in found, f"monitoring/grafana/dashboards/{name} is not what Grafana reads:\n  " +
              "\n  ".join(found.get(literal, [])))
    for literal, what in broken_copies.items():
        check(literal in found, "nobody notices", what)
    print(f"{', '.join(whole.values())}: as Grafana's types want them; {len(BREAKS)} broken copies are not")


main()
