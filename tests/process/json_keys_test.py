#!/usr/bin/python3
"""The JSON keys that scripts may rely on: they stay; others may be added."""
import json
from pathlib import Path

from driving.program import SMALL, check, fulmar

OF_A_RUN = {"run": str, "version": int, "epoch": int, "policy": str, "parameters": int, "weights_sha256": str,
            "samples": int}
OF_A_TRAINING = OF_A_RUN | {"wall_seconds": float, "nodes_seen": int, "failures_survived": int}
OF_A_CHECKPOINT = {"version": int, "weights_sha256": str, "ok": bool}
OF_A_SCORE = {"rmse": float, "acc": float}
OF_A_VARIABLE = OF_A_SCORE | {"variable": str, "lead": int}


def has(found, keys, where):
    for key, kind in keys.items():
        check(key in found, where, "lacks", key, "in", found)
        check(type(found[key]) is kind, f"{where}: {key} is no {kind.__name__}:", found[key])


def scored(found, where):
    has(found["overall"], OF_A_SCORE, f"{where}, overall")
    check([row["variable"] for row in found["scores"]] == ["UWND", "VWND"], where, "rows:", found["scores"])
    for row in found["scores"]:
        has(row, OF_A_VARIABLE, f"{where}, scores")


def main():
    training = fulmar("train", SMALL, "--json").json()
    has(training, OF_A_TRAINING, "train")
    check((training["version"], training["epoch"], training["samples"]) == (24, 4, 96), "train:", training)
    check(training["parameters"] == 8 * 12 * 9 + 8 + 2 * 8 * 9 + 2, "parameters:", training["parameters"])

    inspection = fulmar("inspect", "run", "--json").json()
    has(inspection, OF_A_RUN, "inspect")
    for key in OF_A_RUN:
        check(inspection[key] == training[key], f"inspect and train differ in {key}:", inspection[key], training[key])
    for entry in inspection["checkpoints"]:
        has(entry, OF_A_CHECKPOINT, "inspect, checkpoints")
    check([entry["version"] for entry in inspection["checkpoints"]][-3:] == [15, 20, 24], inspection["checkpoints"])

    # The name of a checkpoint is enough.
    middle = fulmar("inspect", Path("run/checkpoints/000000000020"), "--json").json()
    has(middle, OF_A_RUN, "inspect CHECKPOINT")
    check(middle["version"] == 20 and len(middle["checkpoints"]) == 1, "inspect CHECKPOINT:", middle)
    check(middle["weights_sha256"] == middle["checkpoints"][0]["weights_sha256"], "two hashes:", middle)

    for split in ("train", "validation", "test"):
        evaluation = fulmar("evaluate", "run", "--split", split, "--json").json()
        check(evaluation["split"] == split, "evaluate: split is", evaluation["split"])
        scored(evaluation, "evaluate")
        check(len(evaluation["baselines"]) >= 4, "evaluate: baselines are", list(evaluation["baselines"]))
        for name, baseline in evaluation["baselines"].items():
            scored(baseline, f"evaluate, baseline {name}")
        if split == "test":
            check(evaluation == training["evaluation"], "train and evaluate disagree:", evaluation)

    # One object a command, and nothing else.
    for words in (["inspect", "run"], ["evaluate", "run"]):
        json.loads(fulmar(*words, "--json").out)
    # A line of metrics.jsonl is an object as well.
    lines = Path("run/metrics.jsonl").read_text().splitlines() if Path("run/metrics.jsonl").exists() else []
    for line in lines:
        has(json.loads(line), {"version": int, "epoch": int, "loss": float}, "metrics.jsonl")


main()
