#!/usr/bin/python3
"""The capacity planner: what it prints, the keys that scripts may rely on, and how it refuses what cannot be."""
import json
import re

from driving.program import check, fulmar

SMALL = ["simulate", "--nodes", "4", "--leaves", "16", "--duration", "30s"]
SPREAD = {"count": int, "median": float, "p95": float, "max": float}
LOAD = {"messages": int, "messages_per_round": float, "busy": float}
KEYS = {
    "policy": str, "seed": int, "nodes": int, "slots": int, "seconds": float, "rounds": int, "samples": int,
    "samples_per_second": float, "ideal_samples_per_second": float, "efficiency": float,
    "round_seconds": SPREAD | {"parts": {"compute": float, "wait": float, "exchange": float, "apply": float}},
    "leaves": {"computed": int, "used": int, "duplicate": int, "lost": int, "abandoned": int, "under_way": int},
    "head": {"bytes_out": int, "bytes_in": int, "bytes_out_per_round": float, "bytes_in_per_round": float,
             "busy_out": float, "busy_in": float},
    "supervisor": LOAD, "aggregators": [LOAD], "plan_changes": int, "admitted": int, "failures": int,
    "noticed_seconds": SPREAD, "leased_seconds": SPREAD, "completed": bool, "ended": str, "events": int,
    "remarks": [str],
}


def has(found, wanted, where):
    if isinstance(wanted, dict):
        for key, kind in wanted.items():
            check(key in found, where, "lacks", key, "in", found)
            has(found[key], kind, f"{where}.{key}")
    elif isinstance(wanted, list):
        for entry in found:
            has(entry, wanted[0], f"{where}[]")
    else:
        check(type(found) is wanted, f"{where} is no {wanted.__name__}:", found)


def one_object_with_the_promised_keys():
    ended = fulmar("simulate", "--nodes", 8, "--leaves", 8, "--duration", "30s", "--shards", 2, "--mtbf", "20s",
                   "--return", "2s", "--json")
    report = json.loads(ended.out)
    has(report, KEYS, "simulate")
    check((report["nodes"], report["slots"], report["policy"], report["seconds"]) == (8, 8, "sync", 30.0), report)
    check(len(report["aggregators"]) == 2 and report["failures"] > 0 and report["remarks"], report)
    check(0 < report["efficiency"] <= 1 and report["samples"] == report["leaves"]["used"], report)
    parts = report["round_seconds"]["parts"]
    check(all(seconds >= 0 for seconds in parts.values()), "parts of a round:", parts)


def the_seed_alone_decides():
    chancy = [*SMALL, "--mtbf", "10s", "--return", "1s", "--jitter", "0.3", "--join-rate", "10/min", "--json"]
    check(fulmar(*chancy).out == fulmar(*chancy).out, "two runs of one seed differ")
    check(fulmar(*chancy).out != fulmar(*chancy, "--seed", 2).out, "another seed changes nothing")


def words_mean_what_they_say():
    def of(*words):
        return fulmar("simulate", "--duration", "1min", *words, "--json").json()

    check(of("--nodes", "2x8@2.5,4x4@1")["slots"] == 32, "slots of two groups")
    check(of("--nodes", "2x8@2.5,4x4@1")["ideal_samples_per_second"] == 2 * 8 * 2.5 + 4 * 4, "speed of two groups")
    check(of("--rounds", 7)["rounds"] == 7 and of("--rounds", 7)["completed"] is True, "--rounds")
    fast, slow = of("--bandwidth", "100Gbit"), of("--bandwidth", "1Gbit")
    check(slow["round_seconds"]["parts"]["exchange"] > 10 * fast["round_seconds"]["parts"]["exchange"], "--bandwidth")
    check(of("--bandwidth", "125MB") == slow, "125 MB/s is 1 Gbit/s")
    check(of("--latency", "50ms")["round_seconds"]["median"] > of()["round_seconds"]["median"] + 0.09, "--latency")


def a_table_that_fits_a_terminal():
    shown = fulmar(*SMALL, "--mtbf", "20s", "--return", "2s").out
    for word in ("goodput", "samples/s", "round", "compute", "wait", "exchange", "apply", "wasted", "supervisor",
                 "aggregator", "failures", "leased anew"):
        check(word in shown, "the table does not show", word, ":", shown)
    widest = max(shown.splitlines(), key=len)
    check(len(widest) <= 100, "a line is too long:", widest)


def bad_usage():
    refused = {
        "--nodes": ["16y", "16y", "COUNTxSLOTS", "12x8@2.5,4x4@1"],
        "--bandwidth": ["10", "--bandwidth", "Gbit"],
        "--model": ["100", "--model", "MB"],
        "--latency": ["5m", "5m", "ms"],
        "--mtbf": ["never", "never", "2h"],
        "--join-rate": ["2", "--join-rate", "/min"],
        "--leaves": ["48", "48", "power of two", "32 or 64"],
        "--leaf-size": ["-1", "-1", "whole number"],
        "--policy": ["async", '"async"', '"sync"'],
        "--jitter": ["2", "between 0 and 0.99"],
        "--duration": ["0s", "0 s", "between 0.001 s and 8784 h"],
        "--seed": ["one", "whole number"],
    }
    for option, (value, *says) in refused.items():
        ended = fulmar("simulate", option, value, code=2)
        print(f"{ended.command}\n{ended.err.rstrip()}")
        check(ended.out == "" and 1 <= len(ended.err.splitlines()) <= 2, ended.command, "printed:", ended.out, ended.err)
        for words in (*says, "fulmar simulate --help"):
            check(words in ended.err, ended.command, f"does not say '{words}':", ended.err)
    helped = fulmar("simulate", "--help").out
    for option in refused:
        check(re.search(rf"{option}\b.*=", helped), "no default in the help of", option, ":", helped)


def main():
    one_object_with_the_promised_keys()
    the_seed_alone_decides()
    words_mean_what_they_say()
    a_table_that_fits_a_terminal()
    bad_usage()


main()
