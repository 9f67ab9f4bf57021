"""What is made of times that were taken: how they spread, how long rounds took, how much was done in a second."""
import math
import os
import statistics
from pathlib import Path

from driving.cluster import CLUSTER

MACHINES = CLUSTER.with_name("machines.toml")
SAMPLES_IN_ROUND = 64  # of machines.toml


def wished(name, usual):
    """A number from the environment: a shorter form of a long measurement, or a longer one."""
    return type(usual)(os.environ.get(name, usual))


def machines_with(name, model):
    """machines.toml with another [model] section."""
    path = Path(f"{name}.toml")
    before, rest = MACHINES.read_text().split("[model]\n")
    path.write_text(before + "[model]\n" + model + "\n" + rest[rest.index("\n["):])
    return path


def quantile(values, fraction):
    """The smallest value that so many of all are not above."""
    return sorted(values)[max(0, math.ceil(fraction * len(values)) - 1)]


def spread(seconds):
    """As text, in milliseconds."""
    p50, p99 = (1000 * quantile(seconds, fraction) for fraction in (0.5, 0.99))
    return f"{len(seconds)} times: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {1000 * max(seconds):.1f} ms"


def published(log):
    """When each version came out, by its number: the last time, where another head had to make it again."""
    return {members["version"]: moment for moment, members in log.named("round")}


def rounds_between(log, begin, end):
    """How long each round took that began and ended between two moments."""
    moments = sorted(moment for moment, _ in log.named("round") if begin <= moment <= end)
    return [after - before for before, after in zip(moments, moments[1:])]


def samples_per_second(log, begin, end):
    """From the first version that came out between two moments to the last."""
    return SAMPLES_IN_ROUND / statistics.mean(rounds_between(log, begin, end))
