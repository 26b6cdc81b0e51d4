"""A simulated RTU of IEC 60870-5-104, by the server of c104 (GPL-3.0; the extra `iec104`)."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Callable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import c104

from dms_apps.simulator.rtu import wire
from dms_apps.simulator.rtu.commands import Commands
from dms_apps.simulator.rtu.moving import Moving
from dms_apps.simulator.rtu.script import Control, Device, Event, Value
from dms_apps.simulator.rtu.wire import Wire

_NORMAL = Event(do="normal")
_TICK = 50  # milliseconds, the least that c104 takes
_FLAGS = {
    "invalid": c104.Quality.Invalid,
    "not_topical": c104.Quality.NonTopical,
    "substituted": c104.Quality.Substituted,
    "blocked": c104.Quality.Blocked,
    "overflow": c104.Quality.Overflow,
}
_FINE = c104.BinaryCounterQuality()
_DOUBLE = {
    0: c104.Double.INTERMEDIATE,
    1: c104.Double.OFF,
    2: c104.Double.ON,
    3: c104.Double.INDETERMINATE,
}


def _bits(number: float) -> c104.Byte32:
    # Of bytes: of a whole number c104 2.2.1 makes zeros.
    return c104.Byte32(int(number).to_bytes(4, "little"))


_MAKE: dict[str, Callable[[float, c104.Quality, datetime], c104.Information]] = {
    "M_SP": lambda n, q, at: c104.SingleInfo(bool(n), q, at),
    "M_DP": lambda n, q, at: c104.DoubleInfo(_DOUBLE[int(n)], q, at),
    "M_ST": lambda n, q, at: c104.StepInfo(c104.Int7(int(n)), False, q, at),
    "M_BO": lambda n, q, at: c104.BinaryInfo(_bits(n), q, at),
    "M_ME_NA": lambda n, q, at: c104.NormalizedInfo(c104.NormalizedFloat(n), q, at),
    "M_ME_TD": lambda n, q, at: c104.NormalizedInfo(c104.NormalizedFloat(n), q, at),
    "M_ME_NB": lambda n, q, at: c104.ScaledInfo(c104.Int16(int(n)), q, at),
    "M_ME_TE": lambda n, q, at: c104.ScaledInfo(c104.Int16(int(n)), q, at),
    "M_ME_NC": lambda n, q, at: c104.ShortInfo(n, q, at),
    "M_ME_TF": lambda n, q, at: c104.ShortInfo(n, q, at),
    "M_IT": lambda n, _, at: c104.BinaryCounterInfo(int(n), c104.UInt5(0), _FINE, at),
}


class Iec104Rtu:
    """One RTU with the same face as that of Modbus; `set` tells of the change by itself."""

    def __init__(self, device: Device, host: str, seed: int) -> None:
        self._held = _held(host, 0 if device.wire else device.port)
        port = int(self._held.getsockname()[1])
        chance = random.Random(f"{seed} {device.name} garbage")  # noqa: S311 - a simulation
        self._wire = Wire(host, device.port, port, chance) if device.wire else None
        self._port = port
        self._ahead = 0.0
        self._server = c104.Server(ip=host, port=port, tick_rate_ms=_TICK)
        station = self._server.add_station(common_address=device.common)
        if station is None:
            raise ValueError(f"rtu {device.name}: common {device.common} is no common address")
        self._station = station
        self._values = {value.address: value for value in device.value}
        self._moving = Moving(device, seed)
        self._task: asyncio.Task[None] | None = None
        for value in device.value:
            self._add(device, value)
        self.executed: list[tuple[int, float]] = []
        self._commands = Commands(station, self._execute, self._cut, f"rtu {device.name}")
        for control in device.control:
            self._commands.add(control)

    @property
    def port(self) -> int:
        return self._wire.port if self._wire else self._port

    async def start(self) -> None:
        self._commands.loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._server.start)
        self._held.close()
        if self._wire:
            await self._wire.start()
        if self._task is None:
            self._task = asyncio.create_task(self._moving.each(self._move))

    async def stop(self) -> None:
        if self._wire:
            self._wire.stop()
        await asyncio.to_thread(self._server.stop)

    async def happen(self, event: Event) -> None:
        """Raises: ValueError for what this protocol has no word for."""
        if event.do == "clock_jump":
            self._ahead += event.seconds
        elif event.do == "control":
            self._commands.faults = event.faults
            if self._wire:
                self._wire.controls = event
        elif event.do in ("set", "initialised"):
            self._tell(event)
        elif event.do in ("refuse", "drop", "normal"):
            await self._behave(event)
        elif self._wire and event.do in wire.DOES:
            await self._wire.behave(event)
        else:
            rule = "needs wire = true" if event.do in wire.DOES else "is of Modbus"
            raise ValueError(f"event: do {event.do!r} {rule}")

    async def _behave(self, event: Event) -> None:
        if self._wire:
            await self._wire.behave(_NORMAL)
        if event.do != "normal":
            await self.stop()
        if event.do != "refuse":
            await self.start()
        elif event.lasts:
            await asyncio.sleep(event.lasts)
            await self.start()

    def _execute(self, control: Control, number: float) -> None:
        self.executed.append((control.address, number))
        if "stuck" in self._commands.faults or control.indication is None:
            return
        if (moved := control.moved(number)) is None:
            return
        event = Event(do="set", address=control.indication, value=moved)
        asyncio.get_running_loop().call_later(control.after, self._tell, event)

    def _cut(self) -> None:
        self._cutting = asyncio.create_task(self._behave(Event(do="drop")))

    def _tell(self, event: Event) -> None:
        if event.do == "initialised":
            self._station.signal_initialized(c104.Coi.REMOTE_RESET)
            return
        point = self._station.get_point(io_address=event.address)
        if point is None:
            raise ValueError(f"event: there is no value at address {event.address}")
        self._moving.stop(event.address)
        point.info = self._info(self._values[event.address], event.value, event.quality, event.ago)
        point.transmit(cause=c104.Cot.SPONTANEOUS)

    async def _move(self, value: Value, number: float) -> None:
        point = self._station.get_point(io_address=value.address)
        if point:
            point.info = self._info(value, number, value.quality, 0.0)

    def _add(self, device: Device, value: Value) -> None:
        every = round(value.every * 1000)
        point = self._station.add_point(
            io_address=value.address, type=getattr(c104.Type, value.table), report_ms=every
        )
        if point is None:
            raise ValueError(f"rtu {device.name}: two values at address {value.address}")
        point.info = self._info(value, value.start, value.quality, 0.0)

    def _info(self, value: Value, number: float, quality: tuple[str, ...], ago: float) -> Any:
        # c104 reads a time as local, whatever zone it carries.
        at = datetime.fromtimestamp(time.time() + self._ahead - ago)
        flags = reduce(or_, (_FLAGS[word] for word in quality), c104.Quality())
        name = value.table[:7]
        return _MAKE[name if name in _MAKE else name[:4]](number, flags, at)


def _held(host: str, port: int) -> socket.socket:
    """A port, free where it is 0, that nobody else gets until c104 listens there: it cannot say
    which one it has got."""
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((host, port))
    return found
