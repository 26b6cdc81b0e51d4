"""The served endpoint: GET gives the contract, POST makes a call."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPMethod

from lxml import etree
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cim.envelope.edition2 import Edition2, edition_of
from cim.message import Edition, Format, Message
from cim.message import Fault as FaultMessage
from cim.replies import failed
from cim.violation import Refusal, Violation
from hub.channels.soap.answers import shaped
from hub.channels.soap.contract import Contract, Operation, Service, at, one_up
from hub.channels.soap.conversation import Conversation
from hub.channels.soap.framework import Fault
from hub.channels.soap.server import AsgiServer, Call, Request
from hub.channels.soap.username import InsufficientError, username_token
from hub.front import Credentials, Identity, Principal, credentials

MOUNT = "/soap"
XML = "text/xml; charset=utf-8"
_CODES = {408: "4.1", 413: "3.1", 503: "5.1"}
REQUIRED, INSUFFICIENT, UNKNOWN = "7.2", "7.3", "7.4"
STRANGERS_BYTES = 1024 * 1024
"""Of a body that is parsed before it is known who sends it: the SOAP header may say it."""

_log = logging.getLogger(__name__)
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


class StrangerError(Exception):
    """A caller who cannot say who it is; `code` and text are the answer."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Endpoint:
    """The ASGI application under /soap."""

    def __init__(
        self, contract: Contract, conversation: Conversation, identity: Identity, address: str
    ) -> None:
        self._contract = contract
        self._conversation = conversation
        self._identity = identity
        self._address = address
        self._servers: dict[str, AsgiServer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        if request.method in {HTTPMethod.GET, HTTPMethod.HEAD}:
            response = self._document(request)
        elif request.method == HTTPMethod.POST:
            response = await self._post(request)
        else:
            response = Response(status_code=405, headers={"allow": "GET, HEAD, POST"})
        await response(scope, receive, send)

    def _server(self, service: Service) -> AsgiServer:
        """Made when it is first called: of hundreds of services most never are.

        The IEC lists all verbs of a direction in one service, so one takes those of its change
        service as well.
        """
        if service.name not in self._servers:
            change = self._contract.services.get(f"{service.name}Change")
            operations = service.operations + (change.operations if change else ())
            served = replace(service, operations=operations)
            self._servers[service.name] = AsgiServer(served, self._answer)
        return self._servers[service.name]

    def _service(self, path: str) -> Service | None:
        name = path.removeprefix(MOUNT).strip("/")
        return self._contract.services.get(name) if name else self._contract.generic

    def _document(self, request: HttpRequest) -> Response:
        path = request.scope["path"]
        asked = request.scope["query_string"].lower() == b"wsdl"
        name = path.removeprefix(MOUNT).strip("/")
        service = self._service(path.removesuffix(".wsdl") if path.endswith(".wsdl") else path)
        if service is not None and (asked or path.endswith(".wsdl")):
            return self._wsdl(service, request, at_mount=not name)
        if name.endswith((".xsd", ".rdfs")) and name in self._contract.files:
            return Response(self._contract.files[name], media_type=XML)
        return Response("There is no such document; /soap?wsdl is the generic contract.", 404)

    def _wsdl(self, service: Service, request: HttpRequest, at_mount: bool) -> Response:
        host = request.headers.get("host", "")
        if not self._address and not _HOST.fullmatch(host):
            return Response("The Host header is needed, and must be a name.", 400)
        address = self._address or f"{request.scope['scheme']}://{host}"
        place = MOUNT if service.generic else f"{MOUNT}/{service.name}"
        document = at(service, address + place)
        return Response(one_up(document, "soap") if at_mount else document, media_type=XML)

    async def _post(self, request: HttpRequest) -> Response:
        service = self._service(request.scope["path"])
        if service is None:
            return self._fault(404, "Client", "There is no such endpoint; see /soap?wsdl.")
        try:
            sender = await self._sender(credentials(request.scope))
            action = request.headers.get("soapaction", "")
            body = await request.body()
            if sender is None and len(body) > STRANGERS_BYTES:
                return self._too_large(len(body))
            return await self._call(service, Request(body, action, sender))
        except StrangerError as stranger:
            return self._stranger(service, stranger)
        except Exception:
            _log.exception("a SOAP call failed")
            return self._fault(500, "Server", "The hub failed; send the same MessageID again.")

    async def _call(self, service: Service, request: Request) -> Response:
        server = self._server(service)
        try:
            body, fault = await server.respond(request)
        except Refusal as refusal:
            if request.sender is None:
                raise StrangerError(REQUIRED, "Say who you are.") from None
            await self._conversation.quarantine(refusal, request.body, request.sender)
            fault = _fault_of(refusal.violations, service.operations[0])
            body = server.fault(fault)
        return Response(body, 500 if fault else 200, media_type=XML)

    async def _answer(self, call: Call) -> etree._Element:
        """What spyne awaits for every operation."""
        sender = call.request.sender or await self._named(call)
        second = self._second(edition_of(call.element))
        try:
            reply = await self._conversation.take(call.element, sender)
        except Refusal as refusal:
            raise _fault_of(refusal.violations, call.operation, second) from None
        try:
            return self._written(reply, call.operation)
        except Refusal as refusal:
            _log.warning("a reply to %s cannot be written: %s", sender.name, refusal)
            said = reply.reply.result if reply.reply else ""
            raise Fault(
                "Server", f"The reply is {said}, but cannot be written: {refusal}"
            ) from None

    def _written(self, reply: Message, operation: Operation) -> etree._Element:
        """As the reply says itself.  Raises: Refusal, for what edition 2 does not allow."""
        return shaped(
            reply,
            operation.output,
            reply.format or Format.XML,
            compress=reply.compressed,
            second=self._second(reply.edition),
        )

    def _second(self, edition: Edition) -> Edition2 | None:
        """The envelope of edition 2, for who speaks it; None where nobody has supplied it."""
        return self._conversation.dialects.edition2 if edition is Edition.SECOND else None

    async def _sender(self, shown: Credentials) -> Principal | None:
        """Who shows it in the transport.  Raises: StrangerError for a token nobody holds."""
        sender = await self._identity(shown)
        if sender is None and shown.authorization is not None:
            raise StrangerError(UNKNOWN, "No system holds this token.")
        return sender

    async def _named(self, call: Call) -> Principal:
        """Who signs in the SOAP header.  Raises: StrangerError."""
        try:
            token = username_token(call.blocks)
        except InsufficientError as error:
            raise StrangerError(INSUFFICIENT, str(error)) from None
        if token is None:
            raise StrangerError(
                REQUIRED,
                "Say who you are: a Bearer token, a UsernameToken or a client certificate.",
            )
        sender = await self._identity(Credentials(f"Bearer {token.password}", None))
        if sender is None or sender.name != token.name:
            raise StrangerError(UNKNOWN, "No system of this name holds this token.")
        return sender

    def _stranger(self, service: Service, stranger: StrangerError) -> Response:
        violation = Violation(code=stranger.code, rule=str(stranger))
        fault = _fault_of([violation], service.operations[0])
        body = self._server(service).fault(fault)
        headers = {"www-authenticate": "Bearer"}
        return Response(body, 401, headers=headers, media_type=XML)

    def _too_large(self, size: int) -> Response:
        sentence = (
            f"The body has {size} bytes; more than {STRANGERS_BYTES} are taken only from who shows"
            " a Bearer token or a client certificate."
        )
        media_type, body = self.refuse(413, sentence)
        return Response(body, 413, media_type=media_type)

    def _fault(self, status: int, code: str, sentence: str) -> Response:
        body = self._server(self._contract.generic).fault(Fault(code, sentence))
        return Response(body, status, media_type=XML)

    def refuse(self, status: int, sentence: str) -> tuple[str, bytes]:
        """What the front door refuses, in words that a SOAP client understands."""
        generic = self._contract.generic
        violation = Violation(code=_CODES.get(status, "1.8"), rule=sentence)
        fault = _fault_of([violation], generic.operations[0])
        return XML, self._server(generic).fault(fault)


def _fault_of(
    violations: Iterable[Violation], operation: Operation, second: Edition2 | None = None
) -> Fault:
    """A SOAP fault with a FaultMessage in its detail, in edition 1 where 2 does not allow it."""
    violations = tuple(violations)
    message = FaultMessage(reply=failed(violations))
    try:
        detail = shaped(message, operation.fault, second=second)
    except Refusal:
        detail = shaped(message, operation.fault)
    return Fault("Client", str(violations[0]), detail=detail)
