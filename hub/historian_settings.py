"""`[historian]` in `hub.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, kw_only=True)
class Historian:
    """Values of meters and measurements, stored in bulk.

    readings, measurements: days that they are kept, by their own time; 0: for ever.
    deadband: mRID or name of a measurement, else its type, else "*" -> by how much a value must
              differ from the last one stored, in its unit; 0 leaves out what is the same.
    longest:  seconds after which a value is stored in any case.
    """

    enabled: bool = True
    readings: Annotated[float, Field(ge=0)] = 1100.0
    measurements: Annotated[float, Field(ge=0)] = 400.0
    deadband: Mapping[str, Annotated[float, Field(ge=0)]] = field(default_factory=dict)
    longest: Annotated[float, Field(gt=0)] = 3600.0
