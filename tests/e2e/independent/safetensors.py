"""Reads safetensors files, from the format's specification (github.com/huggingface/safetensors, "Format")."""
import json
import struct

import numpy

TYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8"}


def read(path):
    """The tensors by name; refuses data that they do not tile without gap or overlap, as the specification demands."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    body = memoryview(data)[8 + length:]
    tensors = {}
    expected = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1].get("data_offsets", [0])[0]):
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(body[begin:end], TYPES[entry["dtype"]])
        if begin != expected or values.size != numpy.prod(entry["shape"], dtype=int):
            raise ValueError(f"{path}: tensor {name} does not lie where it should: {entry}")
        tensors[name] = values.reshape(entry["shape"])
        expected = end
    if expected != len(body):
        raise ValueError(f"{path}: {len(body) - expected} bytes belong to no tensor")
    return tensors
