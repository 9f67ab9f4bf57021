#!/usr/bin/python3
"""Very many joiners of a tiny model on one machine: the run proceeds, the head answers for its status within 100 ms,
and what a node costs the head. FULMAR_NODES says how many (200), FULMAR_ASKS how often it is asked (100)."""
import os

from driving.crowd import crowd
from driving.program import check

ASKS = int(os.environ.get("FULMAR_ASKS", "100"))
seconds = crowd(int(os.environ.get("FULMAR_NODES", "200")), ASKS)
check(seconds[ASKS * 99 // 100] <= 0.1, "p99 is", seconds[ASKS * 99 // 100], "s")
