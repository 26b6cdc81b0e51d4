"""`[feeds.<adapter>]` in `hub.toml`: what holds for all that an adapter brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What holds for the facts that an adapter brings, of those that say when they were.

    late:  seconds after which one is late: it is taken, and marked; 0 for never.
    usual: seconds that the quickest of many take at most, else an alarm says that the clock of its
           source may be wrong.
    """

    late: Annotated[float, Field(ge=0)] = 86_400.0
    usual: Annotated[float, Field(gt=0)] = 3_000.0
