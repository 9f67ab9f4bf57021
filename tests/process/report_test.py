#!/usr/bin/python3
"""`fulmar report` puts into one page what evaluate, inspect and the files of a run say, whatever state the run is in."""
import base64
import json
import math
import os
import re
import shutil
import struct
import subprocess
import time
import tomllib
from pathlib import Path

from driving.program import FULMAR, SMALL, WINDS, Training, check, fulmar, train

DATA = re.compile(r'<script type="application/json" id="report-data">(.*?)</script>', re.S)
COLUMNS = ("term", "version", "time", "loss", "samples_per_second", "nodes")


def report(directory, *words, page=None):
    """What the page says, and what the command said on stderr."""
    ended = fulmar("report", directory, *words)
    path = Path(page or f"{directory}/report.html")
    check(ended.out == f"{path}\n", "it does not print the file alone:", ended.out)
    found = DATA.findall(path.read_text())
    check(len(found) == 1, path, "has", len(found), "places for data")
    return json.loads(found[0]), ended.err


def decoded(field):
    """The values of a map, None where there is none."""
    data = base64.b64decode(field["int16"])
    codes = struct.unpack(f"<{len(data) // 2}h", data)
    return [None if code == field["missing"] else field["offset"] + field["scale"] * code for code in codes]


def has_even_columns(history, points):
    for name in COLUMNS:
        check(len(history[name]) == points, "the column", name, "has", len(history[name]), "points, not", points)


def says_what_the_other_commands_say():
    train(WINDS, {"run.directory": "run", "stop.epochs": 3})
    data, _ = report("run")
    scores = fulmar("evaluate", "run", "--json").json()
    state = fulmar("inspect", "run", "--json").json()
    check(data["scores"] == scores, "the scores are not those of evaluate:", data["scores"], scores)
    check(data["checkpoints"] == state["checkpoints"], "the checkpoints are not those of inspect")
    for name in ("version", "epoch", "samples", "policy", "weights_sha256", "parameters", "finished"):
        check(data["run"][name] == state[name], name, "is not as inspect says:", data["run"][name], state[name])
    check(data["run"]["id"] == state["run"] and data["best_version"] == state["best"], "another run")
    check(data["run"]["end_version"] == 33 and data["run"]["epochs"] == 3, "the end is wrong:", data["run"]["end_version"])
    check(data["run"]["finished"] and data["run"]["reason"], "it does not say why it ended")
    check([entry["version"] for entry in data["validation"]] == [11, 22, 33], "validations:", data["validation"])
    check(data["ledger"] == {"epochs_complete": 3, "samples_counted": 252, "rounds": 33, "voided_rounds": []},
          "the ledger is wrong:", data["ledger"])
    check(data["terms"] == [{"term": 1, "version": 0}] and data["failures"]["joins"] == 1, "heads and members")

    kinds = [event["kind"] for event in data["events"]]
    check(kinds == ["run_started", "node_joined", "run_ended"], "the timeline has", kinds)

    lines = [json.loads(line) for line in Path("run/metrics.jsonl").read_text().splitlines()]
    check(lines, "the run left no metrics")
    has_even_columns(data["history"], len(lines))
    for name in ("version", "loss", "nodes"):
        check(data["history"][name] == [line.get(name) for line in lines], name, "is not as in metrics.jsonl")
    return data


def draws_a_usual_sample(data):
    maps = data["maps"]
    check(maps["split"] == "test" and maps["samples"] == 24 and 0 <= maps["index"] < 24, "which sample:", maps["index"])
    year, month = divmod(maps["index"], 12)
    check(maps["label"] == f"{1991 + year}-{month + 1:02}", "the label is wrong:", maps["label"])
    rows, columns = len(maps["grid"]["latitudes"]), len(maps["grid"]["longitudes"])
    check((rows, columns) == (72, 144) and maps["grid"]["periodic"], "the grid is wrong:", rows, columns)
    points = sum(len(line) for line in maps["outline"])
    check(3000 < points <= 10_000, "the coasts have", points, "points")
    overall = data["scores"]["overall"]["rmse"]
    check(0.5 * overall < maps["rmse"] < 1.5 * overall, "its error is not usual:", maps["rmse"], overall)

    weights = [max(0, math.cos(math.radians(latitude))) for latitude in maps["grid"]["latitudes"]]
    total = sum(weights) * columns
    for field, error_rms, score in zip(maps["fields"], maps["error_rms"], data["scores"]["scores"]):
        truth, prediction = decoded(field["truth"]), decoded(field["prediction"])
        check(len(truth) == len(prediction) == rows * columns and None not in truth, "a map has the wrong size")
        square = sum(weights[i // columns] * (p - t) ** 2 for i, (p, t) in enumerate(zip(prediction, truth))) / total
        check(abs(square**0.5 - field["rmse"]) < 1e-3, "the maps do not have the error they claim:", square**0.5, field["rmse"])
        # The mean square over the map is that over the split, which is what evaluate calls the score; a map of errors up
        # to 20 m/s in 65534 steps is exact to 2e-4 m/s.
        check(error_rms["baseline_name"] == "climatology+bilinear", "compared with", error_rms["baseline_name"])
        base = next(entry for entry in data["scores"]["baselines"]["climatology+bilinear"]["scores"]
                    if entry["variable"] == field["variable"])
        for name, expected in (("model", score["rmse"]), ("baseline", base["rmse"])):
            square = sum(weights[i // columns] * e**2 for i, e in enumerate(decoded(error_rms[name]))) / total
            check(abs(square**0.5 - expected) < 1e-3, "the", name, "errors of", field["variable"], square**0.5, expected)


def writes_where_it_is_told():
    data, _ = report("run", "--output", "elsewhere.html", "--weights", "latest", "--split", "validation", page="elsewhere.html")
    check(data["scores"] == fulmar("evaluate", "run", "--weights", "latest", "--split", "validation", "--json").json(),
          "other weights and another split were asked for")
    check(data["maps"]["split"] == "validation" and data["maps"]["label"][:4] in ("1989", "1990"), "the maps' split")
    check(not list(Path().glob(".writing*")) and not list(Path("run").glob(".writing*")), "something half written is left")


def skips_torn_lines():
    shutil.copytree("run", "torn")
    metrics = Path("torn/metrics.jsonl")
    lines = metrics.read_text().splitlines()
    metrics.write_text("\n".join([lines[0], lines[-1][:57], "a note of somebody", lines[-1]]) + "\n")
    Path("torn/events.jsonl").write_text('{"time":"2026-11-23T22:11\n')
    data, err = report("torn")
    has_even_columns(data["history"], 2)
    for expected in (r"torn/metrics\.jsonl: 2 lines could not be read", r"torn/events\.jsonl: 1 line could not be read"):
        check(re.search(expected, err), f"stderr does not say '{expected}':", err)
        check(any(re.search(expected, note) for note in data["notes"]), "the page does not say so:", data["notes"])


def is_made_of_old_runs():
    shutil.copytree("run", "old")
    Path("old/events.jsonl").unlink(missing_ok=True)
    data, err = report("old")
    check(data["events"] == [] and "old/events.jsonl" in err, "the timeline of an old run:", err)
    check(data["maps"] and data["run"]["finished"], "an old run lost more than its timeline")


def is_made_without_data():
    shutil.copy(tomllib.loads(SMALL.read_text())["data"]["path"], "copy.cdf")
    train(SMALL, {"run.directory": "gone", "data.path": "copy.cdf"})
    Path("copy.cdf").unlink()
    data, err = report("gone")
    check(data["scores"] is None and data["maps"] is None, "scores of data that are not there")
    check("copy.cdf" in err and any("copy.cdf" in note for note in data["notes"]), "it does not say why:", err)
    check(data["run"]["version"] == 24 and data["run"]["end_version"] == 24, "the rest is gone:", data["run"])


def is_made_of_a_run_that_goes_on():
    with Training(SMALL, {"run.directory": "going", "stop.epochs": 100000}, "--slots", 1) as training:
        training.wait_until(lambda: Path("going/metrics.jsonl").exists() and Path("going/checkpoints/best").exists(),
                            "metrics and a checkpoint")
        for _ in range(5):  # checkpoints come and go meanwhile
            data, _ = report("going")
            check(not data["run"]["finished"] and data["run"]["reason"] is None, "it is taken for finished")
            check(all(entry["ok"] for entry in data["checkpoints"]), "a checkpoint that went is called bad")
            check(data["run"]["end_version"] == 600000, "the end is wrong:", data["run"]["end_version"])
        training.kill()
    data, _ = report("going")
    check(not data["run"]["finished"] and data["scores"], "an interrupted run")
    for column in COLUMNS:
        check(len(data["history"][column]) > 0, "no", column)


def refuses_what_is_no_run():
    Path("empty").mkdir()
    ended = fulmar("report", "empty", code=1)
    check("empty holds no run" in ended.err and "run.directory" in ended.err, "it says:", ended.err)
    ended = fulmar("report", "run", "--output", "missing/page.html", code=1)
    check("--output missing/page.html: there is no directory missing" in ended.err, "it says:", ended.err)
    ended = fulmar("report", "run", "--output", "/proc/page.html", code=1)
    check("/proc/page.html could not be written" in ended.err and "--output" in ended.err, "it says:", ended.err)
    for folder in ("empty", "missing/"):
        ended = fulmar("report", "run", "--output", folder, code=1)
        check(f"{folder} is a directory; name the file" in ended.err, "it says:", ended.err)
    ended = fulmar("report", "run", "--weights", "finest", code=2)
    check("best, latest or a version number" in ended.err, "it says:", ended.err)
    before = Path("run/report.html").read_bytes()
    ended = fulmar("report", "run", "--weights", 7, code=1)
    check(ended.err == fulmar("evaluate", "run", "--weights", 7, code=1).err and ended.out == "", "it says:", ended.err)
    check("no checkpoint of that version" in ended.err, "it says:", ended.err)
    check(Path("run/report.html").read_bytes() == before, "a good page gave way to none")


def peak_bytes_of(directory):
    """The memory that a report takes."""
    with subprocess.Popen([FULMAR, "report", directory], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    check(process.returncode == 0, "the report of", directory, "ended with", process.returncode)
    return 1024 * usage.ru_maxrss


def reads_a_month_in_bounded_memory():
    """Of a line a second; a tenth of a month here."""
    shutil.copytree("run", "month")
    with Path("month/metrics.jsonl").open("w") as metrics:
        for second in range(300_000):
            metrics.write(json.dumps({
                "epoch": second // 100, "gradient_norm": 0.40625, "loss": 1 / (1 + second), "nodes": 3, "policy": "sync",
                "samples": 84 * second, "samples_per_second": 138.5, "term": 1 + second // 70_000,
                "time": "2026-11-23T22:11:53.123Z", "validation_loss": 0.318, "version": 11 * second}, separators=(",", ":")))
            metrics.write("\n")
    lines_bytes = Path("month/metrics.jsonl").stat().st_size
    begin = time.monotonic()
    data, _ = report("month")
    seconds = time.monotonic() - begin
    more = peak_bytes_of("month") - peak_bytes_of("run")
    size = Path("month/report.html").stat().st_size
    print(f"300,000 lines ({lines_bytes / 1e6:.0f} MB): {seconds:.2f} s, {more / 1e6:.1f} MB more than of three epochs, "
          f"a page of {size / 1e6:.2f} MB")
    versions = data["history"]["version"]
    check(800 < len(versions) <= 2000, "the curves have", len(versions), "points")
    for second in (0, 69_999, 70_000, 139_999, 210_000, 299_999):
        check(11 * second in versions, "second", second, "is not there: a term begins or ends with it")
    check(seconds < 20, "it took", seconds, "s")
    check(more < lines_bytes / 4, "it held the lines in memory:", more)
    check(size < 5e6, "the page has", size, "bytes")


draws_a_usual_sample(says_what_the_other_commands_say())
writes_where_it_is_told()
skips_torn_lines()
is_made_of_old_runs()
is_made_without_data()
is_made_of_a_run_that_goes_on()
refuses_what_is_no_run()
reads_a_month_in_bounded_memory()
