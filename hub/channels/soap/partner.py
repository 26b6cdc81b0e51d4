"""Calling a partner: zeep reads the pinned contract and speaks, we check what goes and comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from lxml import etree
from urllib3.exceptions import HTTPError
from zeep import Client, Settings
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from cim.dialect import DEFAULT, Dialect, read_element
from cim.envelope import typed_root, write_element
from cim.envelope.edition2 import Edition2
from cim.message import Fault, Format, Kind, Message, Reply, Result
from cim.parse import MESSAGE as LIMITS
from cim.parse import parse
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.validation import check_outward, schema_of, violations
from cim.violation import Refusal, Violation
from hub.channels.compression import NEVER, Compression
from hub.channels.soap import framework
from hub.channels.soap.answers import shaped
from hub.channels.soap.contract import Contract, Operation, Service
from hub.channels.soap.envelope import ENVELOPE, opened, wrapped

LATER = frozenset({"3.2", "4.1", "5.1", "5.2", "7.1"})
"""Reply codes after which the same message may be sent again."""
OTHER = "5.3"

STRICT = Settings(
    strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=False, xml_huge_tree=False
)
_CHUNK = 64 * 1024
_log = logging.getLogger(__name__)
_TAKEN = frozenset({200, 202, 204})


class PartnerRefusal(Refusal):
    """The partner has read the message and does not want it: the same again would be refused again.

    This is no ConnectionError; the delivery is a dead letter at once.
    """


@dataclass(frozen=True, kw_only=True)
class Partner:
    """A system that takes messages over SOAP.

    address:     of the generic endpoint; with `typed`, what the name of the service is put behind.
    schemas:     folder with its WSDL and XSD, pinned; nothing is fetched.
    typed:       whether it is called by strongly typed operations.
    token:       sent as a Bearer token.
    username:    with `password`, sent as a WS-Security UsernameToken.
    certificate: client certificate with its `key`, PEM files.
    authority:   PEM file with whom its server certificate must be signed; None: the usual ones.
    format:      how payloads are written.
    compression: which payloads of generic messages go compressed.
    seconds:     for one call from beginning to end.
    dialect:     how strictly its replies are read.
    second:      the envelope of edition 2, when it is called in that.
    silent:      whether an empty answer with a status of success is a yes, as from who takes
                 replies one way.
    """

    name: str
    address: str
    schemas: Path
    typed: bool = False
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None
    format: Format = Format.XML
    compression: Compression = NEVER
    seconds: float = 15.0
    dialect: Dialect = DEFAULT
    second: Edition2 | None = None
    silent: bool = False


class PartnerClient:
    """Sends messages to one partner, one call each, in order."""

    def __init__(self, partner: Partner) -> None:
        self._partner = partner
        self._transport = _Pinned(partner)
        self._client = cache(self._make_client)

    def send(self, messages: Sequence[Message]) -> None:
        """Call the partner for each; on return it has answered OK to every one.

        Raises: ConnectionError when it cannot be reached, fails, or says it cannot now;
        PartnerRefusal when it does not want one of them; Refusal when a message is not valid by
        the schema, or cannot be said in edition 2, and was not sent.
        """
        for message in messages:
            self._send(message)

    def close(self) -> None:
        self._transport.session.close()

    @cached_property
    def _contract(self) -> Contract:
        return Contract.read(self._partner.schemas)

    def _send(self, message: Message) -> None:
        service, operation = self._operation(message)
        _check_valid(message, self._partner)
        compress = self._partner.compression.of(message, self._partner.format)
        element = shaped(
            message,
            operation.input,
            self._partner.format,
            compress=compress,
            second=self._partner.second,
        )
        address = self._partner.address
        if self._partner.typed:
            address = f"{address.rstrip('/')}/{service.name}"
        answer = self._post(service, operation, address, element)
        if self._partner.silent and answer.status in _TAKEN and not answer.body.strip():
            return
        self._check(_reply(self._partner, answer))

    def _operation(self, message: Message) -> tuple[Service, Operation]:
        name: str = Kind.of(message.header.verb)
        if self._partner.typed:
            name = etree.QName(typed_root(message)).localname
        for service in self._contract.services.values():
            for operation in service.operations:
                if (
                    service.generic != self._partner.typed
                    and etree.QName(operation.input).localname == name
                ):
                    return service, operation
        raise _refusal("2.9", f"The contract of {self._partner.name} has no operation for {name}.")

    def _post(
        self, service: Service, operation: Operation, address: str, element: etree._Element
    ) -> _Answer:
        client = self._client(service.name)
        [binding] = client.wsdl.bindings.values()
        envelope = wrapped(element)
        headers = {
            "SOAPAction": f'"{binding.get(operation.name).soapaction}"',
            "Content-Type": "text/xml; charset=utf-8",
        }
        if client.wsse:
            envelope, headers = client.wsse.apply(envelope, headers)
        try:
            answer: _Answer = client.transport.post_xml(address, envelope, headers)
        except (requests.RequestException, HTTPError) as error:
            raise ConnectionError(f"{self._partner.name} at {address}: {error}") from error
        return answer

    def _make_client(self, service: str) -> Any:
        partner = self._partner
        wsse = (
            UsernameToken(partner.username, partner.password)  # type: ignore[no-untyped-call]
            if partner.username
            else None
        )
        wsdl = str((partner.schemas / f"{service}.wsdl").resolve())
        return Client(  # type: ignore[no-untyped-call]
            wsdl, wsse=wsse, transport=self._transport, settings=STRICT
        )

    def _check(self, reply: Reply) -> None:
        """Raises: ConnectionError, PartnerRefusal."""
        if reply.result is Result.OK:
            return
        found = tuple(
            Violation(
                code=error.code,
                rule=error.details or error.reason or f"{self._partner.name} gives no reason.",
            )
            for error in reply.errors
        )
        if found and found[0].code in LATER:
            raise ConnectionError(f"{self._partner.name} asks to send again later: {found[0]}")
        raise PartnerRefusal(found or _refusal(OTHER, "It gives no reason.").violations)


class _Answer(NamedTuple):
    status: int
    body: bytes


class _Pinned(Transport):
    """Reads the contract from one folder only; posts with limits on time and size."""

    def __init__(self, partner: Partner) -> None:
        session = requests.Session()
        # No .netrc and no proxy from the environment: either would change whom we show the token.
        session.trust_env = False
        if partner.token:
            session.headers["Authorization"] = f"Bearer {partner.token}"
        if partner.certificate is not None:
            session.cert = (str(partner.certificate), str(partner.key or partner.certificate))
        if partner.authority is not None:
            session.verify = str(partner.authority)
        super().__init__(  # type: ignore[no-untyped-call]
            session=session, timeout=partner.seconds
        )
        self._folder = partner.schemas.resolve()
        self._seconds = partner.seconds

    def load(self, url: str) -> bytes:
        """Raises: ValueError for anything outside the folder."""
        parts = urlsplit(url)
        path = Path(parts.path).resolve()
        if parts.scheme not in {"", "file"} or not path.is_relative_to(self._folder):
            raise ValueError(f"the contract refers to {url}, outside {self._folder}")
        return path.read_bytes()

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> _Answer:
        """Raises: requests.RequestException, urllib3.exceptions.HTTPError."""
        until = time.monotonic() + self._seconds
        body = bytearray()
        with self.session.post(
            address,
            data=message,
            headers=headers,
            timeout=self._seconds,
            allow_redirects=False,
            stream=True,
        ) as response:
            # What has come, not a full chunk: the clock is looked at however slowly it comes.
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > LIMITS.bytes or time.monotonic() > until:
                    raise requests.Timeout("the answer is too long or too slow")
            return _Answer(response.status_code, bytes(body))


def _check_valid(message: Message, partner: Partner) -> None:
    """zeep would not see a wrong code.  Raises: Refusal."""
    check_outward(message, partner.name)
    element = write_element(message, format=partner.format)
    if broken := violations(element):
        raise Refusal(broken)
    payload = message.payload
    partial = isinstance(payload, Profile) and message.header.verb.is_partial(type(payload))
    for noun in element.iterfind("{*}Payload/*"):
        if schema_of(noun) in NOUNS and (broken := violations(noun, partial=partial)):
            raise Refusal(broken)


def _reply(called: Partner, answer: _Answer) -> Reply:
    """The reply in an HTTP answer.  Raises: ConnectionError when there is none."""
    partner = called.name
    try:
        _, body = opened(parse(answer.body))
    except (Refusal, framework.Fault) as error:
        raise ConnectionError(
            f"{partner} answered {answer.status} without a SOAP envelope: {error}"
        ) from error
    if body.tag == f"{{{ENVELOPE}}}Fault":
        return _reply_in_fault(called, answer.status, body)
    try:
        message = _read(called, body)
    except Refusal as error:
        raise ConnectionError(f"{partner} answered what is no message: {error}") from error
    if not isinstance(message, Message) or message.reply is None:
        raise ConnectionError(f"{partner} answered without a Reply")
    return message.reply


def _reply_in_fault(called: Partner, status: int, fault: etree._Element) -> Reply:
    code = fault.findtext("faultcode", "").rpartition(":")[2]
    text = fault.findtext("faultstring", "")
    if status in {401, 403} or not code.startswith("Client"):
        raise ConnectionError(f"{called.name} answered {status}, {code}: {text}")
    for detail in fault.iterfind("detail/*"):
        try:
            found = _read(called, detail)
        except Refusal:
            continue  # a detail of another kind; the text of the fault says it
        if isinstance(found, Fault):
            return found.reply
    raise _refusal(OTHER, text or "The partner refused without a reason.")


def _read(called: Partner, element: etree._Element) -> Message | Fault:
    """A reply goes into no journal, so what is corrected in it goes into the log."""
    message, corrections = read_element(element, called.dialect)
    for one in corrections:
        _log.info("%s: a reply needed %s, %d times", called.name, one.tolerance, one.times)
    return message


def _refusal(code: str, rule: str) -> PartnerRefusal:
    return PartnerRefusal((Violation(code=code, rule=rule),))
