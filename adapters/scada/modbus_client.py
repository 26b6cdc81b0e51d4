"""One connection to a Modbus TCP device: one request in flight, each reply held against it."""

from __future__ import annotations

import logging
import ssl
import struct
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse
from pymodbus.transport import CommParams, CommType

from adapters.scada.blocks import Block
from adapters.scada.frames import FUNCTIONS, WRITES, Asked, Malformed, is_whole
from adapters.scada.points import Table

_HEAD = 7  # bytes before the function
_ECHO = 5  # of function, address, and value or count


class Refused(Exception):
    """The device has answered with an exception; its code is in `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class _Secured(AsyncModbusTcpClient):
    """MODBUS/TCP Security: the same frames within TLS; pymodbus's own TLS client sends no MBAP."""

    def __init__(
        self,
        host: str,
        *,
        port: int,
        timeout: float,
        sslctx: ssl.SSLContext,
        trace_packet: Callable[[bool, bytes], bytes],
        trace_connect: Callable[[bool], None],
    ) -> None:
        self.comm_params = CommParams(
            comm_type=CommType.TLS,
            host=host,
            port=port,
            sslctx=sslctx,
            comm_name="comm",
            reconnect_delay=0,
            reconnect_delay_max=0,
            timeout_connect=timeout,
        )
        super().__init__(
            "",
            framer=FramerType.SOCKET,
            retries=0,
            trace_packet=trace_packet,
            trace_connect=trace_connect,
        )


class _Registers(ReadHoldingRegistersResponse):
    """Its base unpacks one register after the other and writes all of them into a line of a log
    that nobody keeps, which together took a third of a read."""

    def decode(self, data: bytes) -> None:
        self.registers = list(struct.unpack_from(f">{data[0] // 2}H", data, 1))

    def __str__(self) -> str:
        return f"{len(self.registers)} registers"


class _Inputs(_Registers):
    function_code = 4


class Client:
    """unit, timeout: as of the RTU; `secured` makes it TLS."""

    def __init__(
        self, host: str, port: int, unit: int, timeout: float, secured: ssl.SSLContext | None = None
    ) -> None:
        # Whoever asks tells of a failure, once; pymodbus would log each.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        self._unit = unit
        self._timeout = timeout
        self._asked: Asked | None = None
        self._is_asking = False
        self._client = (
            _Secured(
                host,
                port=port,
                timeout=timeout,
                sslctx=secured,
                trace_packet=self._packet,
                trace_connect=self._connection,
            )
            if secured
            else AsyncModbusTcpClient(
                host,
                port=port,
                timeout=timeout,
                retries=0,
                reconnect_delay=0,
                trace_packet=self._packet,
                trace_connect=self._connection,
            )
        )

        for reply in (_Registers, _Inputs):
            self._client.register(reply)
        self._reads = {
            Table.COIL: self._client.read_coils,
            Table.DISCRETE_INPUT: self._client.read_discrete_inputs,
            Table.HOLDING: self._client.read_holding_registers,
            Table.INPUT: self._client.read_input_registers,
        }

    async def connect(self) -> None:
        """Raises: ConnectionError."""
        with suppress(ModbusException, OSError, TimeoutError):
            if await self._client.connect():
                return
        self.close()
        raise ConnectionError("no connection")

    def close(self) -> None:
        self._client.close()

    async def read(self, block: Block) -> list[int]:
        """The registers, or the bits as 0 and 1; as many as asked for.

        Raises: Refused, the device is well; TimeoutError, ConnectionError, Malformed: close, for
        what comes later on this connection may belong to this request.
        """
        function = FUNCTIONS[block.table]
        self._asked = Asked(0, self._unit, function, block.count)
        reply = await self._answer(self._request(block))
        if reply.isError():
            raise Refused(reply.exception_code)
        if block.table.is_bits:
            return [int(one) for one in reply.bits[: block.count]]
        return list(reply.registers[: block.count])

    async def write(self, table: Table, address: int, words: Sequence[int]) -> None:
        """One coil, or registers: sent once; returns when the device has repeated it.

        Raises: as `read`; but for Refused it may have been carried out.
        """
        single = len(words) == 1
        function = 5 if table is Table.COIL else 6 if single else 16
        self._asked = Asked(0, self._unit, function, len(words))
        client, unit = self._client, self._unit
        try:
            if table is Table.COIL:
                asking = client.write_coil(address, bool(words[0]), device_id=unit)
            elif single:
                asking = client.write_register(address, words[0], device_id=unit)
            else:
                asking = client.write_registers(address, list(words), device_id=unit)
        except ModbusException as error:
            raise ConnectionResetError("the connection was closed") from error
        reply = await self._answer(asking)
        if reply.isError():
            raise Refused(reply.exception_code)

    def _request(self, block: Block) -> Awaitable[ModbusPDU]:
        ask = self._reads[block.table]
        try:
            return ask(block.start, count=block.count, device_id=self._unit)
        except ModbusException as error:
            raise ConnectionResetError("the connection was closed") from error

    async def _answer(self, asking: Awaitable[ModbusPDU]) -> ModbusPDU:
        """The reply, or at once why there will be none."""
        self._is_asking = True
        try:
            return await asking
        except ModbusException as error:
            if isinstance(error.__context__, TimeoutError) or "No response" in str(error):
                raise TimeoutError(f"no answer in {self._timeout:g} s") from None
            raise ConnectionError(str(error)) from error
        finally:
            self._is_asking = False

    def _packet(self, sending: bool, data: bytes) -> bytes:
        """Told of what is sent, and of all that was received for it so far."""
        asked = self._asked
        if sending and asked:
            echo = data[_HEAD : _HEAD + _ECHO] if asked.function in WRITES else b""
            self._asked = replace(asked, transaction=int.from_bytes(data[:2]), echo=echo)
            return data
        try:
            if asked and is_whole(data, asked):
                return data
        except Malformed as error:
            self._break(error)
        return b""  # pymodbus waits on

    def _connection(self, connected: bool) -> None:
        if not connected:
            self._break(ConnectionResetError("the connection was closed"))

    def _break(self, error: Exception) -> None:
        # What pymodbus waits for: a task and a future of ours around it took as long as its read.
        waited = self._client.ctx.response_future
        if self._is_asking and not waited.done():
            waited.set_exception(error)
