#!/usr/bin/python3
"""How long it takes from the command to the first update of task A2: wished under 1 s."""
import statistics

from driving.program import WINDS, Training

REPEATS = 10


def seconds_to_first_update(number):
    with Training(WINDS, {"run.directory": f"run-{number}"}, progress="lines") as training:
        training.wait_for_text("round ")
        seconds = training.seconds()
        training.kill()
    return seconds


seconds = sorted(seconds_to_first_update(number) for number in range(REPEATS))
print(f"from command to first update, s: best {seconds[0]:.3f}, median {statistics.median(seconds):.3f}, "
      f"worst {seconds[-1]:.3f} of {REPEATS}")
