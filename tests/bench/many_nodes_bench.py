#!/usr/bin/python3
"""Very many joiners of a tiny model on one machine: the run proceeds, status answers within 100 ms, and what a node
costs the head. FULMAR_NODES says how many (200), FULMAR_ASKS how often it is asked (100)."""
import os

from driving.crowd import crowd

crowd(int(os.environ.get("FULMAR_NODES", "200")), asks=int(os.environ.get("FULMAR_ASKS", "100")), status_seconds=0.1)
