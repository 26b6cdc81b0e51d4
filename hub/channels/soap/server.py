"""spyne over ASGI: one application for each service, each call a coroutine on the front's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from hub.channels.soap.contract import Operation, Service
from hub.channels.soap.envelope import ContractSoap11
from hub.channels.soap.framework import (
    AnyXml,
    Application,
    Fault,
    MethodContext,
    ServerBase,
    ServiceBase,
    TransportContext,
    rpc,
)
from hub.front import Principal

LARGE = 256 * 1024
"""Bytes from which a body is parsed in a thread, so that nobody else waits for it."""


@dataclass(frozen=True)
class Request:
    """One HTTP request, as far as SOAP needs it.

    sender: who shows it in the transport; None when the header block must say it.
    """

    body: bytes = b""
    action: str = ""
    sender: Principal | None = None


@dataclass(frozen=True)
class Call:
    """One call of an operation: header blocks and the element in the body."""

    request: Request
    operation: Operation
    blocks: list[etree._Element]
    element: etree._Element


Answer = Callable[[Call], Awaitable[etree._Element]]


class AsgiServer(ServerBase):  # type: ignore[misc]
    """Serves one service; `answer` gives the element to be sent back, or raises a spyne Fault."""

    transport = "http://schemas.xmlsoap.org/soap/http"

    def __init__(self, service: Service, answer: Answer) -> None:
        protocols = [ContractSoap11(service.namespace, service.operations) for _ in range(2)]
        methods = {o.name: _method(o, answer) for o in service.operations}
        served = type(service.name, (ServiceBase,), methods)
        super().__init__(Application([served], service.namespace, service.name, *protocols))

    async def respond(self, request: Request) -> tuple[bytes, Fault | None]:
        """The answering envelope, and the fault in it.

        Raises: Refusal for bytes that do not pass the gate.
        """
        if len(request.body) > LARGE:
            ctx = await asyncio.to_thread(self._open, request)
        else:
            ctx = self._open(request)
        if ctx.out_error is None:
            await self._call(ctx)
        self.get_out_string(ctx)
        return b"".join(ctx.out_string), ctx.out_error

    def fault(self, fault: Fault) -> bytes:
        """An envelope with `fault`, for what goes wrong around a call."""
        ctx = self._context(Request())
        ctx.out_error = fault
        self.get_out_string(ctx)
        return b"".join(ctx.out_string)

    def _context(self, request: Request) -> Any:
        ctx = MethodContext(self, MethodContext.SERVER)
        ctx.transport = TransportContext(ctx, self)
        ctx.udc = request
        return ctx

    def _open(self, request: Request) -> Any:
        [ctx] = self.generate_contexts(self._context(request))
        if ctx.out_error is None:
            self.get_in_object(ctx)
        return ctx

    async def _call(self, ctx: Any) -> None:
        # spyne calls the method, which gives back a coroutine: only this loop can await it.
        self.get_out_object(ctx)
        if ctx.out_error is None:
            try:
                ctx.out_object = [await ctx.out_object[0]]
            except Fault as fault:
                ctx.out_error = fault


def _method(operation: Operation, answer: Answer) -> Any:
    def called(ctx: Any, element: etree._Element) -> Awaitable[etree._Element]:
        return answer(Call(ctx.udc, operation, list(ctx.in_header_doc), element))

    called.__name__ = operation.name
    return rpc(AnyXml, _returns=AnyXml, _body_style="bare")(called)
