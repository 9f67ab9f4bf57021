#!/usr/bin/python3
"""The command line: help, exit codes (0 success, 1 failure, 2 bad usage), and errors that say what, where, what to do."""
import re
import subprocess
from pathlib import Path

from driving.program import FULMAR, SMALL, arguments_of, check, fulmar, train


def refuses(*words, code=1, says=()):
    """Exit code `code`, nothing on stdout, and one or two lines on stderr that match each of `says`."""
    ended = fulmar(*words, code=code)
    print(f"{ended.command}\n{ended.err.rstrip()}")
    check(ended.out == "", ended.command, "printed on stdout:", ended.out)
    check(1 <= len(ended.err.splitlines()) <= 2, ended.command, "said it in more than two lines:", ended.err)
    check(ended.err.startswith("fulmar"), ended.command, "does not say who speaks:", ended.err)
    for pattern in says:
        check(re.search(pattern, ended.err), ended.command, f"does not say '{pattern}':", ended.err)


def every_command_has_help():
    for command in ([], ["train"], ["evaluate"], ["inspect"]):
        ended = fulmar(*command, "--help")
        check("Usage: fulmar" in ended.out and ended.err == "", ended.command, "gave no help:", ended.out, ended.err)
        documented = {"train": "RUN.toml", "evaluate": "RUNDIR", "inspect": "RUNDIR|CHECKPOINT"}
        for word in [documented[command[0]]] if command else documented:
            check(word in ended.out, ended.command, "does not mention", word)
    check(re.fullmatch(r"\S*\d+\.\d+\.\d+\S*\n", fulmar("--version").out), "--version gives no version")


def bad_usage():
    refuses(code=2, says=["command is missing", "train", "--help"])
    refuses("trian", code=2, says=["no command trian", "train", "--help"])
    refuses("train", code=2, says=["RUN.toml is required", "fulmar train --help"])
    refuses("train", SMALL, "--slot", 2, code=2, says=["--slot", "--help"])
    refuses("train", SMALL, "--slots", "many", code=2, says=["--slots", "many"])
    refuses("train", SMALL, "--progress", "loud", code=2, says=["--progress", "loud", "lines"])
    refuses("evaluate", "run", "--split", "tests", code=2, says=["--split", "tests", "validation"])
    refuses("inspect", "run", "run", code=2, says=["run", "--help"])
    refuses("evaluate", "run", "--weights", "worst", code=2, says=["--weights worst", "best, latest or a version"])
    refuses("evaluate", "run", "--weights", "", code=2, says=["--weights", "best, latest or a version"])
    for address in ("127.0.0.1", "127.0.0.1:port", ""):
        refuses("train", SMALL, "--metrics", address, code=2, says=[f"--metrics {address}", "HOST:PORT"])
    refuses("train", SMALL, "--set", "stop.epochs", code=2, says=["--set stop.epochs", "KEY=VALUE"])
    for policy in ("bounded:-1", "bounded:x", "bounded:", "bounded:1.5", "bounded:99999999", "sync:1", "boundd:4", ""):
        # Nobody answers there, and nobody is asked.
        refuses("policy", "ipc://nowhere", policy, code=2, says=[f'policy "{policy}"', "sync, bounded:S or async", "--help"])
    refuses("policy", "ipc://nowhere", "bounded:-1", code=2, says=["from 0 to 65536"])
    refuses("policy", "ipc://nowhere", code=2, says=["POLICY is required"])
    check(not Path("run").exists(), "bad usage left a run directory behind")


def bad_configs():
    refuses("train", "missing.toml", says=[r"missing\.toml", "cannot be read"])
    typo = SMALL.read_text().replace("channels =", "chanels =")
    line = typo[:typo.index("chanels")].count("\n") + 1
    Path("typo.toml").write_text(typo)
    refuses("train", "typo.toml", says=[rf"typo\.toml:{line}\b", "model.chanels", "did you mean", "channels"])
    Path("broken.toml").write_text("[run\n")
    refuses("train", "broken.toml", says=[r"broken\.toml:1"])
    refuses("train", SMALL, {"stop.epochs": 0}, says=["stop.epochs", "= 0", "1 to"])
    refuses("train", SMALL, {"data.path": "missing.cdf"}, says=["path", r"missing\.cdf", "no such file"])
    refuses("train", SMALL, {"data.targets": '["UWIND"]'}, says=["targets", "UWIND", 'did you mean "UWND"'])
    refuses("train", SMALL, {"model.kind": "cn"}, says=["kind", '"cn"', 'did you mean "cnn"'])
    refuses("train", SMALL, {"data.latitude": "[-20, 15]"}, says=["latitude", "factor"])
    # Six updates an epoch: the product would be 2^64 + 2, so 2 where it wraps.
    refuses("train", SMALL, {"stop.epochs": (2**64 + 2) // 6}, says=["stop.epochs", "6 updates", f"{(2**63 - 1) // 6} epochs"])
    check(not Path("run").exists(), "a refused command left a run directory behind")


def no_such_run():
    Path("empty").mkdir()
    for command in ("evaluate", "inspect"):
        refuses(command, "nowhere", says=["nowhere", "holds no run", "run.directory"])
        refuses(command, "empty", says=["empty", "holds no run"])


def wrong_weights():
    train(SMALL, {"run.directory": "scored"})
    refuses("evaluate", "scored", "--weights", "7", says=["--weights 7", "scored", "there are .*24"])


def stdout_that_cannot_be_written():
    """A script that keeps the result must not take a lost one for a good one."""
    for words in (["--help"], ["train", SMALL, "--json", {"run.directory": "unheard"}], ["inspect", "scored"]):
        with open("/dev/full", "w") as full:
            ended = subprocess.run([FULMAR, *arguments_of(words)], stdout=full, stderr=subprocess.PIPE, text=True,
                                   timeout=120, check=False)
        check(ended.returncode == 1, words, "ended with", ended.returncode)
        check("standard output could not be written (No space left" in ended.stderr, words, "says:", ended.stderr)


def main():
    every_command_has_help()
    bad_usage()
    bad_configs()
    no_such_run()
    wrong_weights()
    stdout_that_cannot_be_written()


main()
