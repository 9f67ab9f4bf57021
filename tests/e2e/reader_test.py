#!/usr/bin/python3
"""Weights read and evaluated by independent code, on inputs made by independent code, give the program's own scores."""
from pathlib import Path

from driving.program import WINDS, check, fulmar, train
from independent import downscaling, network, safetensors

# Single precision against double: what is summed differs by some 1e-7 of itself, the score by less.
TOLERANCE = 1e-5


def agree(found, expected, what):
    print(f"{what}: {found:.7f} here, {expected:.7f} from fulmar", flush=True)
    check(abs(found - expected) <= TOLERANCE, what, "differs by", found - expected)


def main():
    train(WINDS, {"stop.epochs": 4, "run.directory": "run"})
    task = downscaling.Task()
    # Figures of the data, published with the task: the reader itself is right.
    agree(task.fine[0, 0, 36, 0], 0.0331967, "UWND[0,36,0]")
    agree(task.fine[131, 0, 40, 72], -6.7683883, "UWND[131,40,72]")

    for weights in ("best", "latest"):
        checkpoint = Path("run/checkpoints", Path("run/checkpoints", weights).read_text().strip())
        tensors = safetensors.read(checkpoint / "weights.safetensors")
        check(sum(tensor.size for tensor in tensors.values()) == 8690, "not 8690 parameters:", list(tensors))
        for split in ("validation", "test"):
            scores = fulmar("evaluate", "run", "--split", split, "--weights", weights, "--json").json()
            check(scores["version"] == int(checkpoint.name), "another version was evaluated:", scores["version"])
            base = scores["baselines"]["climatology+bilinear"]["overall"]["rmse"]
            agree(task.rmse(split, lambda time: 0), base, f"{split} RMSE of the base")
            found = task.rmse(split, lambda time: network.predict(tensors, task.input(time)))
            agree(found, scores["overall"]["rmse"], f"{split} RMSE of {weights}")
            check(found < base - 0.05, "the network has learnt next to nothing, so the comparison means little")


main()
