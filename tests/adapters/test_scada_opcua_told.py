"""What the line makes of what an OPC UA server says; no connection."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from asyncua.ua import StatusCodes

from adapters.scada import nodes
from adapters.scada.lines import Heard
from adapters.scada.lines import Rtu as RtuSettings
from adapters.scada.opcua import OpcUaLine
from adapters.scada.opcua_client import Got
from adapters.scada.points import Kind, Point
from adapters.scada.quality import FINE, Flag

OLD = {Flag.OLD_DATA}


class Told:
    """In place of a session: what it publishes, and what is read of it."""

    heard = 0.0

    def __init__(
        self,
        *said: tuple[list[Got], int],
        read: Sequence[list[Got]] = (),
        state: str = "Running",
        silence: float = 0.0,
    ) -> None:
        self._said, self._read, self._state, self._silence = iter(said), iter(read), state, silence
        self.watched: list[list[int]] = []

    async def open(self, _texts: Sequence[str]) -> list[int]:
        return []

    async def state(self) -> tuple[str, datetime | None]:
        return self._state, None

    async def subscribe(self, places: Sequence[int]) -> tuple[list[Got], float]:
        refused = [Got(place, None, 0x80340000, what="BadNodeIdUnknown") for place in places[1:]]
        return refused, self._silence

    async def watch(self, places: Sequence[int]) -> list[Got]:
        self.watched.append(list(places))
        return []

    async def read(self, _places: Sequence[int]) -> list[Got]:
        return next(self._read)

    async def take(self, _seconds: float) -> tuple[list[Got], int]:
        try:
            return next(self._said)
        except StopIteration:
            raise ConnectionResetError("that was all") from None


def heard(
    client: Told, *points: Point, clock: Callable[[], float] = lambda: 0.0, **said: Any
) -> list[Heard]:
    given = points or (Point(name="P", rtu="r", kind=Kind.DISCRETE, place="node", node="i=1"),)
    settings = RtuSettings(protocol="opcua", addresses=("opc.tcp://[::1]:4840",), **said)
    line = OpcUaLine("r", settings, given, {}, clock=clock)
    found: list[Heard] = []

    async def all_heard() -> None:
        with suppress(ConnectionResetError):
            async for one in line._values(cast(Any, client)):
                found.append(one)

    asyncio.run(all_heard())
    return found


def test_after_an_overrun_points_are_old_and_all_is_read() -> None:
    client = Told(([Got(0, 3)], 5), ([], 0), read=[[Got(0, 4)]])
    begun, lost, whole = heard(client)
    assert (list(begun.samples), begun.lost) == ([], False)
    assert ([one.raw for one in lost.samples], lost.lost) == ([3], True)
    assert ([one.raw for one in whole.samples], whole.lost) == ([4], False)


def test_what_is_published_and_older_than_what_was_read_is_not_told() -> None:
    at = datetime(2026, 7, 14, tzinfo=UTC)
    later = at + timedelta(seconds=1)
    client = Told(
        ([], 1), ([Got(0, 1, 0, at)], 0), ([Got(0, 2, 0, later)], 0), read=[[Got(0, 2, 0, later)]]
    )
    found = heard(client)
    assert [[one.raw for one in said.samples] for said in found] == [[], [], [2], [], [2]]


def test_a_node_that_was_refused_is_watched_when_it_is_there() -> None:
    p, q = (Point(name=n, kind=Kind.ANALOG, place="node", node=f"i={n}") for n in "12")
    client = Told(([], 1), read=[[Got(0, 1), Got(1, 2)]])
    found = heard(client, p, q)
    assert found[0].failed == ["2"]
    assert client.watched == [[1]]


def test_a_server_that_does_not_run_is_as_good_as_lost() -> None:
    with pytest.raises(ConnectionError, match="the server is Shutdown"):
        heard(Told(state="Shutdown"))


def test_a_subscription_that_is_silent_for_too_long_ends_the_session() -> None:
    seconds = itertools.count()  # one passes whenever it is looked at
    client = Told(*[([], 0)] * 50, silence=5.0)
    client.heard = -1e9  # by the clock of the loop
    with pytest.raises(TimeoutError, match="the subscription is silent for"):
        heard(client, clock=lambda: float(next(seconds)), keep_alive=1)


@pytest.mark.parametrize(
    ("got", "raw", "flags"),
    [
        (Got(0, 1, 0x00000000), 1, FINE),
        (Got(0, 1, 0x00000480), 1, FINE),  # of a queue that has lost some
        (Got(0, 0.5, 0), None, {Flag.FAILURE}),
        (Got(0, math.nan, 0), None, {Flag.FAILURE}),
        (Got(0, None, 0, what="String"), None, {Flag.FAILURE}),
        (Got(0, None, 0x808B0000, what="BadDeviceFailure"), None, {Flag.FAILURE}),
        (Got(0, None, 0x80310000, what="BadNoCommunication"), None, {Flag.FAILURE, *OLD}),
    ],
)
def test_a_value_is_a_number_and_its_quality(got: Got, raw: float | None, flags: set[Flag]) -> None:
    [_, said] = heard(Told(([got], 0)))
    assert [(one.raw, one.flags) for one in said.samples] == [(raw, flags)]


@pytest.mark.parametrize(
    ("code", "flags"),
    [
        (StatusCodes.Good, FINE),
        (StatusCodes.GoodLocalOverride, {Flag.SUBSTITUTED}),
        (StatusCodes.Uncertain, {Flag.SUSPECT}),
        (StatusCodes.UncertainInitialValue, {Flag.SUSPECT}),
        (StatusCodes.UncertainLastUsableValue, OLD),
        (StatusCodes.UncertainNoCommunicationLastUsableValue, OLD),
        (StatusCodes.UncertainSubstituteValue, {Flag.SUBSTITUTED, Flag.SUSPECT}),
        (StatusCodes.UncertainSensorNotAccurate, {Flag.BAD_REFERENCE}),
        (StatusCodes.UncertainEngineeringUnitsExceeded, {Flag.OUT_OF_RANGE}),
        (StatusCodes.BadSensorFailure, {Flag.FAILURE}),
        (StatusCodes.BadNoCommunication, {Flag.FAILURE, *OLD}),
        (StatusCodes.BadNotConnected, {Flag.FAILURE, *OLD}),
        (StatusCodes.BadNodeIdUnknown, {Flag.FAILURE}),
    ],
)
def test_status_codes_are_flags(code: int, flags: set[Flag]) -> None:
    assert nodes.quality(code) == flags
    assert nodes.is_refused(code) == (code == StatusCodes.BadNodeIdUnknown)
