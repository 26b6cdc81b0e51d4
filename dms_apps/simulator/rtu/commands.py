"""What a simulated RTU of IEC 60870-5-104 does with commands; by c104 (GPL-3.0)."""
# No postponed annotations: c104 holds those of its callbacks against its own, as types.

import asyncio
from collections.abc import Callable, Collection
from typing import Any

import c104

from dms_apps.simulator.rtu.script import Control

Execute = Callable[[Control, float], None]


class Commands:
    """The commands of one station.

    execute: called in our loop for each that is carried out; `cut` to end all connections.
    """

    def __init__(
        self, station: c104.Station, execute: Execute, cut: Callable[[], None], where: str
    ) -> None:
        self._station, self._do, self._cut, self._where = station, execute, cut, where
        self._controls: dict[int, Control] = {}
        self.faults: Collection[str] = ()
        self.loop: asyncio.AbstractEventLoop | None = None

    def add(self, control: Control) -> None:
        """Raises: ValueError for an address that is taken."""
        select = control.select is not None
        mode = c104.CommandMode.SELECT_AND_EXECUTE if select else c104.CommandMode.DIRECT
        point = self._station.add_point(
            io_address=control.address,
            type=getattr(c104.Type, control.table),
            command_mode=mode,
        )
        if point is None:
            raise ValueError(f"{self._where}: two objects at address {control.address}")
        point.on_receive(callable=self._received)
        self._controls[control.address] = control

    # -- in c104's threads

    def _received(
        self,
        point: c104.Point,
        previous_info: c104.Information,  # noqa: ARG002
        message: c104.IncomingMessage,  # noqa: ARG002
    ) -> c104.ResponseState:
        if "refuses" in self.faults:
            return c104.ResponseState.FAILURE
        assert self.loop  # noqa: S101 - it runs
        value: Any = point.value
        number = float(value.value if isinstance(value, c104.Double) else value)
        self.loop.call_soon_threadsafe(self._do, self._controls[point.io_address], number)
        if "cuts" in self.faults:
            self.loop.call_soon_threadsafe(self._cut)
        quiet = {"mute", "cuts"} & {*self.faults}
        return c104.ResponseState.NONE if quiet else c104.ResponseState.SUCCESS
