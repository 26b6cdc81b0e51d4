"""One connection of IEC 60870-5-104: the link layer, in our own loop.

Ours, and not that of the library c104: where another thread of Python keeps the interpreter for
more than 0.1 s while telegrams come, c104 2.2.1 ends the whole process (std::terminate), and it
keeps a thread for each RTU.
Source: IEC 60870-5-104, 5 and 9.6 (as commonly described: the text of the standard was not at
hand), held against the server of lib60870, by way of c104.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

from adapters.scada.arrivals import Arrivals
from adapters.scada.frames import Malformed
from adapters.scada.lines import Rtu

_BEGIN, _SHORTEST, _LONGEST = 0x68, 4, 253
_START, _STARTED, _TEST, _TESTED = 0x07, 0x0B, 0x43, 0x83
"""Control fields of format U: STARTDT and TESTFR, act and con."""
_NUMBERS = 1 << 15
_MOST = 12  # telegrams of ours that may be unacknowledged (k)
_DUE = 8  # of theirs after which they are acknowledged at once (w)
_UNHEARD = 15.0  # seconds after which one that is not acknowledged ends the connection (t1)
_LOOK = 1.0  # seconds between two looks at what is due: within it all is acknowledged (t2)


class Client(asyncio.Protocol):
    """Telegrams wait, `rtu.room` at most; more are counted."""

    def __init__(self, host: str, port: int, rtu: Rtu) -> None:
        self._host, self._port, self._rtu = host, port, rtu
        self._loop = asyncio.get_running_loop()
        self._arrivals: Arrivals[bytes] = Arrivals(rtu.room)
        self._started = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._sent = self._received = self._told = 0
        self._unheard: deque[float] = deque()
        self._heard = 0.0
        self._tested: float | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._error: Exception | None = None

    async def open(self) -> None:
        """Until telegrams flow.  Raises: OSError, Malformed."""
        try:
            async with asyncio.timeout(self._rtu.timeout):
                await self._loop.create_connection(lambda: self, self._host, self._port)
                await self._started.wait()
        except TimeoutError:
            raise ConnectionError(f"no connection in {self._rtu.timeout:g} s") from None
        except OSError as error:
            raise ConnectionError(f"no connection: {error.strerror or error}") from error
        if self._error:
            raise self._error

    def send(self, asdu: bytes) -> None:
        """Once.  Raises: ConnectionError: it was not sent."""
        if self._error or self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the connection was closed")
        if len(self._unheard) >= _MOST:
            raise ConnectionError(f"{_MOST} telegrams are not acknowledged")
        numbers = _number(self._sent) + _number(self._received)
        self._write(numbers + asdu)
        self._told = self._received
        self._sent = (self._sent + 1) % _NUMBERS
        self._unheard.append(self._loop.time())

    async def take(self, seconds: float) -> tuple[list[bytes], int]:
        """As `Arrivals.take`: telegrams that carry something.  Raises: OSError, Malformed."""
        return await self._arrivals.take(seconds)

    def close(self) -> None:
        """End the connection."""
        self._end(ConnectionResetError("the connection was closed"))

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's
        self._transport = transport
        self._heard = self._loop.time()
        self._write(bytes([_START, 0, 0, 0]))
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._end(ConnectionResetError("the connection was closed"))

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._buffer += data
        try:
            for apdu in self._whole():
                self._taken(apdu)
        except Malformed as error:
            self._end(error)

    # -- what it says

    def _whole(self) -> Iterator[bytes]:
        """Telegrams that have come in full.  Raises: Malformed for what is none."""
        while len(self._buffer) > 1 and not self._error:
            begin, length = self._buffer[:2]
            if begin != _BEGIN or not _SHORTEST <= length <= _LONGEST:
                found = self._buffer[:2].hex()
                raise Malformed(f"a telegram begins with {found}, 6804 to 68fd are right")
            if len(self._buffer) < length + 2:
                return
            yield bytes(self._buffer[: length + 2])
            del self._buffer[: length + 2]

    def _taken(self, apdu: bytes) -> None:
        control = apdu[2]
        if not control & 1:
            self._information(apdu)
        elif control & 3 == 1:
            self._acknowledged(apdu)
        elif control == _STARTED:
            self._started.set()
        elif control == _TEST:
            self._write(bytes([_TESTED, 0, 0, 0]))
        elif control == _TESTED:
            self._tested = None
        else:
            raise Malformed(f"a telegram of format U says {control:02x}, which is not asked for")

    def _information(self, apdu: bytes) -> None:
        number = int.from_bytes(apdu[2:4], "little") >> 1
        if number != self._received:
            raise Malformed(f"a telegram has number {number}, {self._received} is next")
        self._received = (number + 1) % _NUMBERS
        self._acknowledged(apdu)
        self._arrivals.put(apdu)
        if (self._received - self._told) % _NUMBERS >= _DUE:
            self._acknowledge()

    def _acknowledged(self, apdu: bytes) -> None:
        number = int.from_bytes(apdu[4:6], "little") >> 1
        still = (self._sent - number) % _NUMBERS
        if still > len(self._unheard):
            raise Malformed(f"number {number} is acknowledged, {self._sent} is the next of ours")
        while len(self._unheard) > still:
            self._unheard.popleft()

    # -- what is due

    def _look(self) -> None:
        now = self._loop.time()
        if self._told != self._received:
            self._acknowledge()
        if self._unheard and now >= self._unheard[0] + _UNHEARD:
            self._end(TimeoutError(f"no acknowledgement in {_UNHEARD:g} s"))
        elif self._tested is not None and now >= self._tested + self._rtu.timeout:
            self._end(TimeoutError(f"no sign of life in {self._rtu.timeout:g} s"))
        elif self._tested is None and now >= self._heard + self._rtu.keep_alive:
            self._tested = now
            self._write(bytes([_TEST, 0, 0, 0]))
        if not self._error:
            self._looking = self._loop.call_later(_LOOK, self._look)

    def _acknowledge(self) -> None:
        self._told = self._received
        self._write(b"\1\0" + _number(self._received))

    def _write(self, body: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(bytes([_BEGIN, len(body)]) + body)

    def _end(self, error: Exception) -> None:
        """Of several reasons the first one counts."""
        self._error = self._error or error
        self._arrivals.close(error)
        self._started.set()  # who waits for it sees the error
        if self._looking:
            self._looking.cancel()
        if self._transport:
            self._transport.abort()


def _number(count: int) -> bytes:
    return (count << 1).to_bytes(2, "little")
