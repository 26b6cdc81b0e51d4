"""Columns as bytes, and back without a copy; no code is ever stored in them."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"GBCOL\x00\x00\x01"
_ALIGNED = 8


def packed(arrays: Mapping[str, NDArray[Any]], said: Any = None) -> bytes:
    """`arrays` (of numbers or flags) and `said`, whatever JSON can say, as one block of bytes."""
    places, pieces, at = {}, [], 0
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        places[name] = (array.dtype.str, array.shape, at)
        pad = -array.nbytes % _ALIGNED
        pieces += [array.data if array.nbytes else b"", b"\0" * pad]
        at += array.nbytes + pad
    head = json.dumps({"arrays": places, "said": said}).encode()
    head += b" " * (-len(head) % _ALIGNED)
    return b"".join((_MAGIC, struct.pack("<q", len(head)), head, *pieces))


def unpacked(data: bytes) -> tuple[dict[str, NDArray[Any]], Any]:
    """What `packed` was given.  Raises: ValueError, when `data` is not of this form."""
    if data[:8] != _MAGIC:
        raise ValueError("these bytes are no columns of this format")
    (length,) = struct.unpack_from("<q", data, 8)
    head = json.loads(data[16 : 16 + length])
    body = memoryview(data)[16 + length :]
    arrays = {}
    for name, (dtype, shape, at) in head["arrays"].items():
        kind = np.dtype(dtype)
        if kind.hasobject:
            raise ValueError(f"column {name} is of no plain type")
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(body, kind, count, at).reshape(shape)
    return arrays, head["said"]
