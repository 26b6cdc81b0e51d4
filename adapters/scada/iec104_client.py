"""One connection of IEC 60870-5-104: the link layer is c104's, what telegrams say is not.

The only module that may import c104, which is under the GPL-3.0.
"""
# No postponed annotations: c104 holds those of its callbacks against its own, as types.

import asyncio
import threading
import time
from collections import deque
from contextlib import suppress

import c104

from adapters.scada.asdu import System
from adapters.scada.lines import Rtu
from adapters.scada.outputs import Output
from adapters.scada.points import Point

_TICK = 50  # milliseconds between two looks of c104 at its connections
_LOOK = 0.02  # seconds between two looks at the state of one that is being opened
_MUTED = 0.2  # seconds after which one that has stayed muted is told to speak


class Client:
    """Telegrams wait, `rtu.room` at most, from c104's thread to ours; more are counted."""

    def __init__(self, host: str, port: int, rtu: Rtu) -> None:
        self._host, self._port, self._rtu = host, port, rtu
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._dropped = self._noted = 0
        self._is_closed = self._has_ended = False
        self._lock = threading.Lock()
        self._client = c104.Client(
            tick_rate_ms=_TICK, command_timeout_ms=max(1, round(rtu.timeout * 1000))
        )
        self._connection: c104.Connection | None = None

    async def open(self) -> None:
        """Until telegrams flow.  Raises: OSError."""
        self._connection = await self._added()
        await asyncio.to_thread(self._start)
        begin = time.monotonic()
        muted = begin + _MUTED
        while self._connection.state != c104.ConnectionState.OPEN:
            if self._is_closed or time.monotonic() > begin + self._rtu.timeout:
                raise ConnectionError(f"no connection in {self._rtu.timeout:g} s")
            if self._connection.is_muted and time.monotonic() > muted:
                # It may stay so for ever unless it is told again.
                await asyncio.to_thread(self._connection.unmute)
                muted = time.monotonic() + _MUTED
            await asyncio.sleep(_LOOK)

    async def _added(self) -> c104.Connection:
        found = await self._loop.getaddrinfo(self._host, self._port, type=1)
        connection = self._client.add_connection(
            ip=str(found[0][4][0]), port=self._port, init=c104.Init.NONE
        )
        if connection is None:
            raise ConnectionError(f"{self._host}:{self._port} cannot be connected to")
        connection.on_receive_raw(callable=self._receive)
        connection.on_state_change(callable=self._state)
        parameters = connection.protocol_parameters
        parameters.connection_timeout = max(1, round(self._rtu.timeout))
        parameters.message_timeout = max(1, round(self._rtu.timeout))
        parameters.keep_alive_interval = self._rtu.keep_alive
        return connection

    async def ask(self, what: System) -> None:
        """Send an interrogation or our time.  Raises: ConnectionError."""
        assert self._connection  # noqa: S101 - it is open
        if not await asyncio.to_thread(self._send, self._connection, what):
            raise ConnectionResetError("the connection was closed")

    async def command(self, output: Output) -> None:
        """Give a command, once, selected first where the table says so.

        What the RTU says to it comes as telegrams; here nothing is waited for but c104's thread.
        """
        assert self._connection  # noqa: S101 - it is open
        await asyncio.to_thread(self._give, self._connection, output)

    async def take(self, seconds: float) -> tuple[list[bytes], int]:
        """Telegrams that have come, oldest first, and how many there was no room for.

        Waits `seconds` at most when there are none.  Raises: ConnectionError when it is closed.
        """
        if not self._is_closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._news.wait()
        self._news.clear()
        found = [self._waiting.popleft() for _ in range(len(self._waiting))]
        # Only c104's thread writes the one, only we the other: no telegram is left uncounted.
        count = self._dropped
        dropped, self._noted = count - self._noted, count
        if not found and self._is_closed:
            raise ConnectionResetError("the connection was closed")
        return found, dropped

    async def close(self) -> None:
        """End the connection and c104's threads."""
        await asyncio.to_thread(self._stop)

    def _send(self, connection: c104.Connection, what: System) -> bool:
        common = self._rtu.common
        if what is System.INTERROGATION:
            return connection.interrogation(common, wait_for_response=False)
        if what is System.COUNTERS:
            return connection.counter_interrogation(common, wait_for_response=False)
        return connection.clock_sync(common, wait_for_response=False)

    def _give(self, connection: c104.Connection, output: Output) -> None:
        mode = c104.CommandMode.DIRECT
        if output.point.select is not None:
            mode = c104.CommandMode.SELECT_AND_EXECUTE
        found = self._point(connection, output.point)
        found.command_mode = mode
        found.info = _information(str(output.point.place), output.raw)
        found.transmit(cause=c104.Cot.ACTIVATION)

    def _point(self, connection: c104.Connection, point: Point) -> c104.Point:
        """Raises: ValueError, when c104 has one of another type there."""
        common, address = self._rtu.common, point.address
        station = connection.get_station(common) or connection.add_station(common)
        type_ = getattr(c104.Type, str(point.place))
        found = station and (
            station.get_point(address) or station.add_point(io_address=address, type=type_)
        )
        if not isinstance(found, c104.Point) or found.type != type_:
            raise ValueError(f"{point.name}: c104 has another point at its address")
        return found

    def _start(self) -> None:
        with self._lock:
            if not self._has_ended:
                self._client.start()

    def _stop(self) -> None:
        with self._lock:
            self._has_ended = True
            self._client.stop()

    # -- in c104's threads

    def _receive(self, connection: c104.Connection, data: bytes) -> None:  # noqa: ARG002
        if data[2] & 1:
            return  # the link's own: format S or U
        if len(self._waiting) < self._rtu.room:
            self._waiting.append(data)
        else:
            self._dropped += 1
        self._wake()

    def _state(self, connection: c104.Connection, state: c104.ConnectionState) -> None:  # noqa: ARG002
        if state == c104.ConnectionState.CLOSED_AWAIT_RECONNECT:
            self._is_closed = True
            self._wake()

    def _wake(self) -> None:
        if not self._news.is_set():
            with suppress(RuntimeError):  # our loop has ended
                self._loop.call_soon_threadsafe(self._news.set)


def _information(type_: str, raw: float) -> c104.Information:
    if type_ == "C_SE_NC_1":
        return c104.ShortCmd(raw)
    if type_ == "C_SC_NA_1":
        return c104.SingleCmd(on=bool(raw))
    return c104.DoubleCmd({1: c104.Double.OFF, 2: c104.Double.ON}[int(raw)])
