"""`[public]` in `hub.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("a zone, e.g. America/Chicago, was expected") from None
    return name


@dataclass(frozen=True, kw_only=True)
class Public:
    """What anybody is told of outages, without login: sums by area, nothing of anybody.

    enabled:   whether they are told at all.
    area:      by feeder of the network, or by `communityDescriptor` of the outages.
    least:     numbers of customers below it are told as "fewer than".
    words:     whether `cause` is told as somebody wrote it, beside the causes that the CIM names.
    seconds:   how long an answer is told again.
    zone:      of the times on the page.
    statement: what the utility wants said beside; empty: nothing.
    """

    enabled: bool = False
    area: Literal["feeder", "community"] = "feeder"
    least: Annotated[int, Field(ge=1)] = 5
    words: bool = False
    seconds: Annotated[float, Field(ge=1)] = 30.0
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    statement: str = ""
