"""Simulated RTUs as TCP servers, one port each."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from dms_apps.simulator.rtu import replies
from dms_apps.simulator.rtu.controls import WRITES, Controls
from dms_apps.simulator.rtu.memory import Memory
from dms_apps.simulator.rtu.replies import FUNCTIONS, Request
from dms_apps.simulator.rtu.script import Device, Event, Script
from hub.settings import ConfigError

_HEAD = 7


class Rtu:
    """One RTU; `behaviour` is how it answers at present."""

    def __init__(self, device: Device, host: str, seed: int) -> None:
        self.device, self._host = device, host
        self._memory = Memory(device, seed)
        self._controls = Controls(device, self._memory)
        self._control = Event(do="control")
        self._chance = random.Random(f"{seed} {device.name} garbage")  # noqa: S311 - a simulation
        self._behaviour = Event(do="normal")
        self._begin = time.monotonic()
        self._ahead = 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = device.port

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(
            self._serve, self._host, self.port, ssl=_tls(self.device)
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """No longer listen; connections are cut."""
        if self._server:
            self._server.close()
            self._server = None
        self._cut()

    @property
    def executed(self) -> Sequence[tuple[int, float]]:
        """The controls that it has carried out: address and value."""
        return self._controls.executed

    async def happen(self, event: Event) -> None:
        """What the script says; for `lasts` seconds when it says so."""
        if event.do == "initialised":
            raise ValueError("event: do 'initialised' is of IEC 60870-5-104")
        if event.do == "set":
            self._memory.set(event.table, event.address, event.value, self._clock())
        elif event.do == "clock_jump":
            self._ahead += event.seconds
        elif event.do == "control":
            self._control = event
        else:
            await self._behave(event)
            if event.lasts:
                await asyncio.sleep(event.lasts)
                await self._behave(Event(do="normal"))

    async def _behave(self, event: Event) -> None:
        self._behaviour = event
        if event.do == "refuse":
            await self.stop()
        elif self._server is None:
            await self.start()
        if event.do == "drop":
            self._cut()

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def _clock(self) -> float:
        return time.time() + self._ahead

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    head = await reader.readexactly(_HEAD)
                    body = await reader.readexactly(int.from_bytes(head[4:6]) - 1)
                    request = Request.of(head, body)
                    answering = self._written if request.function in WRITES else self._answer
                    if answer := await answering(request, body, writer):
                        writer.write(answer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _written(self, request: Request, body: bytes, writer: asyncio.StreamWriter) -> bytes:
        faults = self._control.faults
        answer = self._controls.answer(request, body, faults)
        if "cuts" in faults:
            writer.transport.abort()
            return b""
        if "slow" in faults:
            await asyncio.sleep(self._control.seconds)
        return answer

    async def _answer(self, request: Request, _: bytes, writer: asyncio.StreamWriter) -> bytes:
        behaviour = self._behaviour
        table = FUNCTIONS.get(request.function, "")
        now = time.monotonic() - self._begin
        words = table and self._memory.read(table, request.start, request.count, now, self._clock())
        right = replies.right(request, words or None)
        match behaviour.do:
            case "normal":
                return right
            case "silence":
                return b""
            case "drop":
                writer.transport.abort()
                return b""
            case "slow":
                await asyncio.sleep(behaviour.seconds)
                return right
            case "exception":
                return replies.refusal(request, behaviour.code)
            case wrong:
                return replies.wrong(wrong, request, words or [0], self._chance)


class AnyRtu(Protocol):
    """What RTUs of all protocols can do."""

    @property
    def port(self) -> int: ...

    @property
    def executed(self) -> Sequence[tuple[int, float]]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def happen(self, event: Event) -> None: ...


def _rtu(device: Device, script: Script) -> AnyRtu:
    if device.protocol == "modbus":
        return Rtu(device, script.host, script.seed)
    # Here, for their libraries are extras.
    try:
        if device.protocol == "opcua":
            from dms_apps.simulator.rtu.opcua import OpcUaRtu

            return OpcUaRtu(device, script.host, script.seed)
        from dms_apps.simulator.rtu.iec104 import Iec104Rtu

        return Iec104Rtu(device, script.host, script.seed)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"rtu {device.name}: {error}; protocol {device.protocol} needs it:"
            f" pip install 'gridbus[{device.protocol}]'"
        ) from error


class Rtus:
    """All RTUs of a script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.rtus = {device.name: _rtu(device, script) for device in script.devices()}

    async def start(self) -> None:
        for rtu in self.rtus.values():
            await rtu.start()

    async def stop(self) -> None:
        for rtu in self.rtus.values():
            await rtu.stop()

    async def play(self) -> None:
        """Let everything of the script happen at its time."""
        async with asyncio.TaskGroup() as group:
            for event in self._script.event:
                group.create_task(self._at(event))

    async def happen(self, event: Event) -> None:
        """Now.  Raises: ValueError for an RTU that is not there."""
        await asyncio.gather(*(rtu.happen(event) for rtu in self._named(event.rtu)))

    async def _at(self, event: Event) -> None:
        await asyncio.sleep(event.at)
        await self.happen(event)

    def _named(self, name: str) -> Iterable[AnyRtu]:
        if not name:
            return self.rtus.values()
        if name not in self.rtus:
            raise ValueError(f"there is no RTU {name!r}; there are {', '.join(self.rtus)}")
        return [self.rtus[name]]


def _tls(device: Device) -> ssl.SSLContext | None:
    if device.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(device.certificate, device.key)
    return context
