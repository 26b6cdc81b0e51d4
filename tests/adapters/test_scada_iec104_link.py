"""The link layer of IEC 60870-5-104, telegram by telegram; no connection.

Expected are the bytes of IEC 60870-5-104, 5: control fields of formats I, S and U.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.scada.frames import Malformed
from adapters.scada.iec104_client import Client
from adapters.scada.lines import Rtu

START, TEST, TESTED = (bytes.fromhex(f"6804{one}000000") for one in ("07", "43", "83"))
VALUE = "0d 01 0300 0100 070000 0000604000"


class Written(asyncio.Transport):
    """In place of a connection: what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes] = []
        self._is_closing = False

    def write(self, data: Any) -> None:
        self.said.append(bytes(data))

    def is_closing(self) -> bool:
        return self._is_closing

    def abort(self) -> None:
        self._is_closing = True


def information(sent: int, received: int = 0, asdu: str = VALUE) -> bytes:
    """A telegram of format I."""
    body = bytes([sent << 1, 0, received << 1, 0]) + bytes.fromhex(asdu.replace(" ", ""))
    return bytes([0x68, len(body)]) + body


def linked(talk: Callable[[Client, Written], Awaitable[None]], **said: Any) -> list[bytes]:
    """What a link has written after it was talked to, without the STARTDT that it begins with."""

    async def all_of_it() -> list[bytes]:
        client, transport = Client("h", 1, Rtu(addresses=("h:1",), **said)), Written()
        client.connection_made(transport)
        await talk(client, transport)
        client.close()
        return transport.said

    first, *others = asyncio.run(all_of_it())
    assert first == START
    return others


def test_eight_telegrams_are_acknowledged_at_once_and_others_when_it_is_due() -> None:
    async def talk(client: Client, _: Written) -> None:
        for number in range(9):
            client.data_received(information(number))
        found, dropped = await client.take(0.0)
        assert ([len(found), dropped], found[8]) == ([9, 0], information(8))
        client._look()
        client._look()

    assert linked(talk) == [bytes.fromhex("680401001000"), bytes.fromhex("680401001200")]


def test_telegrams_are_taken_out_of_whatever_pieces_they_come_in() -> None:
    async def talk(client: Client, _: Written) -> None:
        both = information(0) + information(1)
        for byte in both[:-1]:
            client.data_received(bytes([byte]))
        assert await client.take(0.0) == ([information(0)], 0)
        client.data_received(both[-1:] + TEST)
        assert await client.take(0.0) == ([information(1)], 0)

    assert linked(talk) == [TESTED]


def test_no_more_is_sent_than_may_wait_for_an_acknowledgement() -> None:
    async def talk(client: Client, transport: Written) -> None:
        for _ in range(12):
            client.send(b"?")
        with pytest.raises(ConnectionError, match="12 telegrams are not acknowledged"):
            client.send(b"?")
        client.data_received(bytes.fromhex("680401001800"))  # 12 have arrived
        client.send(b"!")
        assert transport.said[-1] == bytes.fromhex("6805180000") + b"\0!"

    assert len(linked(talk)) == 13


def test_who_is_silent_is_asked_for_a_sign_of_life_and_without_one_it_is_the_end() -> None:
    async def talk(client: Client, _: Written) -> None:
        client.data_received(TESTED)
        client._look()
        client._look()
        with pytest.raises(TimeoutError, match="no sign of life in 0 s"):
            await client.take(0.0)

    assert linked(talk, keep_alive=0, timeout=0.0) == [TEST, TEST]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (information(1), "a telegram has number 1, 0 is next"),
        (information(0, received=1), "number 1 is acknowledged, 0 is the next of ours"),
        (bytes.fromhex("680401000200"), "number 1 is acknowledged, 0 is the next of ours"),
        (bytes.fromhex("680413000000"), "a telegram of format U says 13, which is not asked for"),
        (bytes.fromhex("6803"), "a telegram begins with 6803, 6804 to 68fd are right"),
        (b"HTTP/1.1", "a telegram begins with 4854, 6804 to 68fd are right"),
    ],
)
def test_what_does_not_follow_the_rules_is_the_end(said: bytes, why: str) -> None:
    async def talk(client: Client, transport: Written) -> None:
        client.data_received(said + information(0))
        assert transport.is_closing()
        with pytest.raises(ConnectionResetError):
            client.send(b"?")
        with pytest.raises(Malformed, match=why):
            await client.take(0.0)

    linked(talk)
