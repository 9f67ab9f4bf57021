#!/usr/bin/python3
"""Two dozen joiners: all take part, rounds go on, and the head answers for its status."""
from driving.crowd import crowd
from driving.program import check

seconds = crowd(24, asks=20)
# The middle, on a machine that other tests use as well; many_nodes_bench.py looks at the slowest of many more.
check(seconds[10] <= 0.1, "p50 is", seconds[10], "s")
