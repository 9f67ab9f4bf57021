"""Writes pytorch_optimizers.hpp: what PyTorch's optimizers and schedulers make of given gradients.

    python3 pytorch_optimizers.py | clang-format > pytorch_optimizers.hpp

Needs PyTorch (Debian: python3-torch), which is no dependency of the project: the figures are stored.
"""

import math

import torch

PARAMETERS, STEPS = 24, 20
STORED_STEPS = (1, 5, 20)
RATE, RATE_MIN, WARMUP, CLIP, DECAY, MOMENTUM = 0.05, 0.001, 5, 0.5, 0.05, 0.9
# Far from the defaults, so that a misplaced epsilon or a swapped beta shows.
BETAS, EPSILON = (0.8, 0.95), 1e-3


def rate_of(step):
    if step < WARMUP:
        return RATE * (step + 1) / WARMUP
    share = 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))
    return RATE_MIN + (RATE - RATE_MIN) * share


def array(kind, name, values, digits):
    suffix = "f" if kind == "float" else ""
    print(f"inline constexpr std::array<{kind}, {len(values)}> {name} = {{")
    line = "   "
    for value in values:
        text = f"{value:.{digits}e}{suffix},"
        if len(line) + len(text) + 1 > 118:
            print(line)
            line = "   "
        line += " " + text
    print(line + "};\n")


def run(name, make, states, initial, gradient_sums, weight_sums):
    weights = torch.nn.Parameter(initial.clone())
    optimizer = make([weights])
    stored = []
    for step in range(STEPS):
        weights.grad = gradient_sums[step] / weight_sums[step]
        torch.nn.utils.clip_grad_norm_([weights], CLIP)
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step)
        optimizer.step()
        if step + 1 in STORED_STEPS:
            stored += weights.detach().tolist()
    array("float", f"k{name}Weights", stored, 8)
    for state in states:
        title = "".join(part.capitalize() for part in state.split("_"))
        array("float", f"k{name}{title}", optimizer.state[weights][state].tolist(), 8)


def scheduler_rates(make, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return rates


def main():
    torch.manual_seed(20240229)
    initial = torch.randn(PARAMETERS)
    # Four decades of gradients, some of them exactly zero; their norms lie on both sides of the clipping limit.
    scales = 10 ** (torch.rand(STEPS, PARAMETERS) * 4 - 3) * 10 ** (torch.rand(STEPS, 1) * 2 - 1)
    gradient_sums = torch.randn(STEPS, PARAMETERS) * scales
    gradient_sums[:, 7] = 0
    weight_sums = torch.randint(3, 17, (STEPS,)).to(torch.float32)

    print("// Written by pytorch_optimizers.py with PyTorch " + torch.__version__ + "; not edited by hand.")
    print("// Thread rule: constants.")
    print("#pragma once\n\n#include <array>\n#include <cstddef>\n\nnamespace fulmar::core::pytorch {\n")
    print(f"inline constexpr std::size_t kParameters = {PARAMETERS}, kSteps = {STEPS};")
    print(f"inline constexpr std::array<std::size_t, {len(STORED_STEPS)}> kStoredSteps = "
          f"{{{', '.join(map(str, STORED_STEPS))}}};")
    print(f"inline constexpr double kRate = {RATE}, kRateMin = {RATE_MIN}, kClipNorm = {CLIP}, kWeightDecay = {DECAY};")
    print(f"inline constexpr double kMomentum = {MOMENTUM}, kBeta1 = {BETAS[0]}, kBeta2 = {BETAS[1]}, "
          f"kEpsilon = {EPSILON};")
    print(f"inline constexpr std::size_t kWarmup = {WARMUP};\n")
    array("float", "kInitial", initial.tolist(), 8)
    array("float", "kGradientSums", gradient_sums.flatten().tolist(), 8)
    array("double", "kWeightSums", weight_sums.tolist(), 1)

    data = (initial, gradient_sums, weight_sums)
    run("Sgd", lambda p: torch.optim.SGD(p, lr=1, weight_decay=DECAY), [], *data)
    run("Momentum", lambda p: torch.optim.SGD(p, lr=1, momentum=MOMENTUM, weight_decay=DECAY), ["momentum_buffer"],
        *data)
    for name, kind in (("Adam", torch.optim.Adam), ("AdamW", torch.optim.AdamW)):
        run(name, lambda p: kind(p, lr=1, betas=BETAS, eps=EPSILON, weight_decay=DECAY, foreach=False),
            ["exp_avg", "exp_avg_sq"], *data)

    step = lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=7, gamma=0.3)
    cosine = lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=30, eta_min=RATE_MIN)
    print("/// StepLR(step_size = 7, gamma = 0.3) and CosineAnnealingLR(T_max = 30) from kRate.")
    array("double", "kStepRates", scheduler_rates(step, 30), 16)
    array("double", "kCosineRates", scheduler_rates(cosine, 31), 16)
    print("}  // namespace fulmar::core::pytorch")


main()
