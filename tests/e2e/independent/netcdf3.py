"""Reads NetCDF-3 files (classic and 64-bit offset), from the format's specification: NetCDF User's Guide, appendix B."""
import struct
from dataclasses import dataclass

import numpy

TYPES = {1: "i1", 2: "S1", 3: ">i2", 4: ">i4", 5: ">f4", 6: ">f8"}


@dataclass
class Variable:
    dimensions: list
    attributes: dict
    values: numpy.ndarray


class _Cursor:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self, code=">i"):
        (value,) = struct.unpack_from(code, self.data, self.at)
        self.at += struct.calcsize(code)
        return value

    def values(self, kind, count):
        found = numpy.frombuffer(self.data, TYPES[kind], count, self.at)
        self.at += (found.nbytes + 3) // 4 * 4
        return found

    def name(self):
        return self.values(2, self.number()).tobytes().decode()

    def list_of(self, item):
        self.number()  # the tag
        return [item() for _ in range(self.number())]

    def attribute(self):
        name, kind = self.name(), self.number()
        values = self.values(kind, self.number())
        return name, values.tobytes().decode().rstrip("\0") if kind == 2 else values


def read(path):
    """The variables of a file by name. Values are as stored: neither unpacked nor masked."""
    with open(path, "rb") as file:
        cursor = _Cursor(file.read())
    magic = cursor.data[:4]
    if magic not in (b"CDF\x01", b"CDF\x02"):
        raise ValueError(f"{path} is no NetCDF-3 file: it begins with {magic}")
    cursor.at = 4
    records = cursor.number()
    dimensions = cursor.list_of(lambda: (cursor.name(), cursor.number()))
    cursor.list_of(cursor.attribute)

    def header():
        name = cursor.name()
        shape = [cursor.number() for _ in range(cursor.number())]
        attributes = dict(cursor.list_of(cursor.attribute))
        kind, size = cursor.number(), cursor.number(">I")
        return name, shape, attributes, kind, size, cursor.number(">i" if magic[3] == 1 else ">q")

    headers = cursor.list_of(header)
    of_records = [size for _, shape, _, _, size, _ in headers if shape and dimensions[shape[0]][1] == 0]
    variables = {}
    for name, axes, attributes, kind, _, begin in headers:
        shape = [dimensions[axis][1] for axis in axes]
        strides = None
        if shape and shape[0] == 0:  # the unlimited dimension: the variables' records take turns
            shape[0] = records
            inner = int(numpy.prod(shape[1:], dtype=int)) * numpy.dtype(TYPES[kind]).itemsize
            strides = [sum(of_records) if len(of_records) > 1 else inner]
            for i in range(1, len(shape)):
                strides.append(int(numpy.prod(shape[i + 1:], dtype=int)) * numpy.dtype(TYPES[kind]).itemsize)
        values = numpy.ndarray(shape, TYPES[kind], cursor.data, begin, strides)
        variables[name] = Variable([dimensions[axis][0] for axis in axes], attributes, values)
    return variables
