#!/usr/bin/python3
"""Task A2 needs less than 300 MB of memory, in training and in evaluation."""
import os
import subprocess

from driving.program import FULMAR, WINDS, check

PEAK_BYTES_MAX = 300e6


def peak_bytes(*arguments):
    """The most that a command held, as the kernel counted it."""
    with open(f"{arguments[0]}.out", "w", encoding="utf-8") as out:
        process = subprocess.Popen([FULMAR, *arguments], stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    check(process.returncode == 0, arguments, "ended with", process.returncode)
    peak = usage.ru_maxrss * 1024
    print(f"fulmar {arguments[0]}: at most {peak / 1e6:.1f} MB", flush=True)
    check(peak < PEAK_BYTES_MAX, f"more than {PEAK_BYTES_MAX / 1e6} MB")


peak_bytes("train", str(WINDS), "--set", "run.directory=run", "--set", "stop.epochs=2", "--set",
           "checkpoint={every_rounds=5}")
peak_bytes("evaluate", "run")
