"""Writes stale_updates.hpp: what stale gradients make of weights, with and without the remedies, in double precision.

    python3 stale_updates.py | clang-format > stale_updates.hpp

From the papers' formulas and those of PyTorch's documentation, with nothing but Python's own floats.
"""

import math
import random
import struct

PARAMETERS, STALENESS = 12, (0, 0, 1, 3, 0, 2, 5, 1, 0, 4)
RATE, CLIP, DECAY, MOMENTUM = 0.05, 0.5, 0.05, 0.9
BETAS, EPSILON = (0.8, 0.95), 1e-3
COMPENSATION = 20.0


def single(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def array(kind, name, values, digits):
    suffix = "f" if kind == "float" else ""
    print(f"inline constexpr std::array<{kind}, {len(values)}> {name} = {{")
    print(", ".join(f"{value:.{digits}e}{suffix}" for value in values) + "};\n")


def direction(kind, step, g, memory):
    """The step of one parameter per unit of learning rate; `memory` is what the optimizer keeps of it."""
    if kind == "Sgd":
        return g
    if kind == "Momentum":
        memory[0] = g if step == 0 else MOMENTUM * memory[0] + g
        return memory[0]
    memory[0] = BETAS[0] * memory[0] + (1 - BETAS[0]) * g
    memory[1] = BETAS[1] * memory[1] + (1 - BETAS[1]) * g * g
    mean, square = memory[0] / (1 - BETAS[0] ** (step + 1)), memory[1] / (1 - BETAS[1] ** (step + 1))
    return mean / (math.sqrt(square) + EPSILON)


def final_weights(kind, scales, compensation, initial, gradient_sums, weight_sums):
    versions = [list(initial)]
    memories = [[0.0, 0.0] for _ in initial]
    for step, staleness in enumerate(STALENESS):
        weights, base = versions[-1], versions[-1 - staleness]
        mean = [g / weight_sums[step] for g in gradient_sums[step]]
        clip = min(1.0, CLIP / (math.sqrt(sum(g * g for g in mean)) + 1e-6))
        rate = RATE / (1 + staleness) if scales else RATE
        made = []
        for w, w_base, g, memory in zip(weights, base, mean, memories):
            g *= clip
            g += compensation * g * g * (w - w_base)
            if kind == "AdamW":
                made.append(w - rate * DECAY * w - rate * direction(kind, step, g, memory))
            else:
                made.append(w - rate * direction(kind, step, g + DECAY * w, memory))
        versions.append(made)
    return versions[-1]


def main():
    chance = random.Random(20240301)
    initial = [single(chance.gauss(0, 1)) for _ in range(PARAMETERS)]
    gradient_sums = [[single(chance.gauss(0, 1) * 10 ** chance.uniform(-1, 1)) for _ in initial] for _ in STALENESS]
    weight_sums = [float(chance.randint(3, 16)) for _ in STALENESS]

    print("// Written by stale_updates.py; not edited by hand.")
    print("// Thread rule: constants.")
    print("#pragma once\n\n#include <array>\n#include <cstddef>\n\nnamespace fulmar::core::stale {\n")
    print(f"inline constexpr std::size_t kParameters = {PARAMETERS};")
    print(f"inline constexpr double kRate = {RATE}, kClipNorm = {CLIP}, kWeightDecay = {DECAY};")
    print(f"inline constexpr double kMomentum = {MOMENTUM}, kBeta1 = {BETAS[0]}, kBeta2 = {BETAS[1]}, "
          f"kEpsilon = {EPSILON};")
    print(f"inline constexpr double kCompensation = {COMPENSATION};")
    print(f"inline constexpr std::array<std::size_t, {len(STALENESS)}> kStaleness = "
          f"{{{', '.join(map(str, STALENESS))}}};\n")
    array("float", "kInitial", initial, 8)
    array("float", "kGradientSums", [g for step in gradient_sums for g in step], 8)
    array("double", "kWeightSums", weight_sums, 1)
    print("/// The last weights: without remedies, with a scaled rate, with compensation, with both.")
    for kind in ("Sgd", "Momentum", "Adam", "AdamW"):
        values = []
        for compensation in (0.0, COMPENSATION):
            for scales in (False, True):
                values += final_weights(kind, scales, compensation, initial, gradient_sums, weight_sums)
        array("double", f"k{kind}Weights", values, 16)
    print("}  // namespace fulmar::core::stale")


main()
