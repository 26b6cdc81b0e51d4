"""A layer as read: columns of distinct values, and which of them each row has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Cells:
    """The values of one column.

    values: the distinct ones, None never among them.
    codes:  for each row its place in `values`; -1 for nothing.
    """

    values: Sequence[Any]
    codes: Ints

    @classmethod
    def of(cls, cells: Iterable[Any]) -> Cells:
        """Of values row by row; None and nothing (an empty text) are the same."""
        places: dict[tuple[type, Any], int] = {}
        codes = [
            -1 if cell is None or cell == "" else places.setdefault((type(cell), cell), len(places))
            for cell in cells
        ]
        return cls([value for _, value in places], np.array(codes, np.int32))

    @classmethod
    def of_arrow(cls, column: Any) -> Cells:
        """Of an Arrow column."""
        encoded = column.combine_chunks().dictionary_encode()
        values = encoded.dictionary.to_pylist()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        none = [n for n, value in enumerate(values) if value == "" or value != value]
        if none:
            codes = np.where(np.isin(codes, none), np.int32(-1), codes)
        return cls(values, codes)

    def __getitem__(self, row: int) -> Any:
        code = int(self.codes[row])
        return None if code < 0 else self.values[code]

    def used(self) -> list[int]:
        """The places in `values` of those that any row has."""
        places: list[int] = np.unique(self.codes[self.codes >= 0]).tolist()
        return places

    def each(self) -> list[Any]:
        """The value of each row; None for nothing."""
        known = [*self.values, None]
        return [known[code] for code in self.codes.tolist()]


@dataclass(frozen=True, eq=False)
class Table:
    """One layer.

    count: of its rows.
    shapes: a geometry or None for each row, in `crs`; None for a table without geometry.
    crs:   as GDAL or PROJ reads it; "" when the layer names none.
    """

    name: str
    count: int
    columns: Mapping[str, Cells]
    shapes: Shapes | None = field(default=None)
    crs: str = ""
