#!/usr/bin/python3
"""Two dozen joiners: the run proceeds, and status answers, on a machine that other tests use as well."""
from driving.crowd import crowd

crowd(24, asks=30, status_seconds=0.5)
