"""A simulated server of OPC UA, by that of asyncua (LGPL-3.0; the extra `opcua`).

Its variables are ns=2;i=<address>, of the namespace `NAMESPACE`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from asyncua import Server, ua

from dms_apps.simulator.rtu.moving import Moving
from dms_apps.simulator.rtu.script import Device, Event, Value

NAMESPACE = "urn:gridbus:simulated-rtu"
_STATUS = {
    "invalid": ua.StatusCodes.BadDeviceFailure,
    "not_topical": ua.StatusCodes.UncertainLastUsableValue,
    "substituted": ua.StatusCodes.GoodLocalOverride,
    "blocked": ua.StatusCodes.BadOutOfService,
    "overflow": ua.StatusCodes.UncertainEngineeringUnitsExceeded,
}
_TYPES = {
    "bool": ua.VariantType.Boolean,
    "int16": ua.VariantType.Int16,
    "uint16": ua.VariantType.UInt16,
    "int32": ua.VariantType.Int32,
    "uint32": ua.VariantType.UInt32,
    "int64": ua.VariantType.Int64,
    "uint64": ua.VariantType.UInt64,
    "float32": ua.VariantType.Float,
    "float64": ua.VariantType.Double,
}


class OpcUaRtu:
    """One server with the same face as an RTU of Modbus."""

    def __init__(self, device: Device, host: str, seed: int) -> None:
        # What it is told to do is no news.
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self._device, self._host = device, host
        self._ahead = 0.0
        self._server = Server()
        self._values = {value.address: value for value in device.value}
        self._nodes: dict[int, ua.NodeId] = {}
        self._moving = Moving(device, seed)
        self._task: asyncio.Task[None] | None = None
        self._listens = False
        self.executed: list[tuple[int, float]] = []  # it takes no controls
        self.port = device.port

    async def start(self) -> None:
        await self._server.init()
        self._server.set_endpoint(f"opc.tcp://{self._host}:{self.port}/gridbus")
        await self._secure()
        index = await self._server.register_namespace(NAMESPACE)
        name = self._device.name
        folder = await self._server.nodes.objects.add_object(ua.NodeId(name, index), name)
        for value in self._device.value:
            node = ua.NodeId(value.address, index)
            first = ua.Variant(_number(value, value.start), _TYPES[value.data])
            await folder.add_variable(node, str(value.address), first)
            self._nodes[value.address] = node
            await self._write(value, value.start, value.quality, 0.0)
        await self._server.start()
        self._listens = True
        self.port = self._server.bserver.port
        self._task = asyncio.create_task(self._moving.each(self._move))

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        # Not the whole server: it waits up to a second for its clock to end.
        await self._listen(False)

    async def happen(self, event: Event) -> None:
        """Raises: ValueError for what this protocol has no word for."""
        if event.do == "clock_jump":
            self._ahead += event.seconds
        elif event.do == "set":
            if event.address not in self._values:
                raise ValueError(f"event: there is no value at address {event.address}")
            self._moving.stop(event.address)
            value = self._values[event.address]
            await self._write(value, event.value, event.quality, event.ago)
        elif event.do in ("refuse", "drop", "normal"):
            await self._behave(event)
        else:
            raise ValueError(f"event: do {event.do!r} is not of OPC UA")

    async def _behave(self, event: Event) -> None:
        await self._listen(event.do != "refuse")
        if event.do == "drop":
            for transport in list(self._server.iserver.asyncio_transports):
                transport.abort()
        elif event.do == "refuse" and event.lasts:
            await asyncio.sleep(event.lasts)
            await self._listen(True)

    async def _listen(self, wanted: bool) -> None:
        if wanted == self._listens:
            return
        self._listens = wanted
        sockets = self._server.bserver
        await (sockets.start() if wanted else sockets.stop())

    async def _move(self, value: Value, number: float) -> None:
        await self._write(value, number, value.quality, 0.0)

    async def _write(
        self, value: Value, number: float, quality: tuple[str, ...], ago: float
    ) -> None:
        at = datetime.now(UTC) + timedelta(seconds=self._ahead - ago)
        status = _STATUS[quality[0]] if quality else ua.StatusCodes.Good
        await self._server.write_attribute_value(
            self._nodes[value.address],
            ua.DataValue(
                ua.Variant(_number(value, number), _TYPES[value.data]),
                ua.StatusCode(status),
                SourceTimestamp=at,
                ServerTimestamp=datetime.now(UTC),
            ),
        )

    async def _secure(self) -> None:
        offered = [ua.SecurityPolicyType.NoSecurity]
        if self._device.certificate and self._device.key:
            await self._server.load_certificate(str(self._device.certificate))
            await self._server.load_private_key(self._device.key, format="pem")
            offered.append(ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt)
        self._server.set_security_policy(offered)


def _number(value: Value, number: float) -> float | int | bool:
    if value.data == "bool":
        return bool(number)
    return float(number) if value.data.startswith("float") else round(number)
