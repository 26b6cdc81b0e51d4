"""The wire to a simulated RTU of IEC 60870-5-104: what it says comes late, spoilt or never."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

from dms_apps.simulator.rtu.script import Event

_NORMAL = Event(do="normal")
_COMMANDS = range(45, 52)  # type identifications (IEC 60870-5-101, 7.2.1)
_TYPE, _ELEMENTS, _COMMON = 6, 15, 10  # where they lie in a telegram of the I format


class Wire:
    """Between who asks and the server of c104, at `inner`; telegrams of the link itself pass.

    controls: with which faults answers to commands pass.
    """

    def __init__(self, host: str, port: int, inner: int, chance: random.Random) -> None:
        self._host, self._inner, self._chance = host, inner, chance
        self.port = port
        self._behaviour = _NORMAL
        self.controls = Event(do="control")
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self._host, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """No longer listen; connections are cut."""
        if self._server:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def behave(self, event: Event) -> None:
        """For `lasts` seconds, when it says so."""
        self._behaviour = event
        if event.lasts:
            await asyncio.sleep(event.lasts)
            self._behaviour = _NORMAL

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                theirs, to_them = await asyncio.open_connection(self._host, self._inner)
                asking = asyncio.create_task(_pass(reader, to_them))
                try:
                    await self._tell(theirs, writer)
                finally:
                    asking.cancel()
                    to_them.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _tell(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            head = await theirs.readexactly(2)
            apdu = head + await theirs.readexactly(head[1])
            if apdu[2] & 1:
                writer.write(apdu)
            elif apdu[_TYPE] in _COMMANDS and self.controls.faults:
                writer.write(await self._answered(apdu))
            else:
                writer.write(await self._told(apdu))
                if self._behaviour.do == "truncated":
                    writer.close()

    async def _answered(self, apdu: bytes) -> bytes:
        if "slow" in self.controls.faults:
            await asyncio.sleep(self.controls.seconds)
        if "wrong_echo" in self.controls.faults:
            return apdu[:_ELEMENTS] + bytes([apdu[_ELEMENTS] ^ 1]) + apdu[_ELEMENTS + 1 :]
        return apdu

    async def _told(self, apdu: bytes) -> bytes:
        do = self._behaviour.do
        if do == "slow":
            await asyncio.sleep(self._behaviour.seconds)
        return SPOILT[do](apdu, self._chance) if do in SPOILT else apdu


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(4096):
            writer.write(data)
    writer.close()


def _sized(apdu: bytes) -> bytes:
    return apdu[:1] + bytes([len(apdu) - 2]) + apdu[2:]


def _with(apdu: bytes, place: int, byte: int) -> bytes:
    return apdu[:place] + bytes([byte]) + apdu[place + 1 :]


SPOILT: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "silence": lambda _apdu, _: b"",
    "wrong_function": lambda apdu, _: _with(apdu, _TYPE, 127),  # a type that no standard has
    "too_few": lambda apdu, _: _sized(apdu[:-1]),
    "too_many": lambda apdu, _: _sized(apdu + b"\0"),
    "wrong_unit": lambda apdu, _: _with(apdu, _COMMON, apdu[_COMMON] + 1 & 0xFF),
    "wrong_transaction": lambda apdu, _: _with(apdu, 2, apdu[2] + 2 & 0xFF),
    "protocol": lambda apdu, _: _with(apdu, 0, 0x16),
    "garbage": lambda apdu, chance: b"\xff" + chance.randbytes(len(apdu)),
    "truncated": lambda apdu, _: apdu[: len(apdu) // 2],
}
"""Behaviour -> what becomes of a telegram; of a truncated one the connection ends then."""
DOES = ("slow", *SPOILT)
