"""One session with an OPC UA server; the only module that may import asyncua (LGPL-3.0)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asyncua import Client as Session
from asyncua import ua
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties
from cryptography.exceptions import InvalidSignature

from adapters.scada import nodes
from adapters.scada.arrivals import Arrivals
from adapters.scada.frames import Malformed
from adapters.scada.lines import Rtu
from adapters.scada.opcua_trust import Trust

_AT_ONCE = 500  # nodes of one request
_QUEUE = 10  # values of a node that wait for the next publishing
_NEVER = 1e6  # seconds: that the server is there is looked at by whoever reads
_POLICIES = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
_STATE = ua.NodeId(ua.ObjectIds.Server_ServerStatus_State)
_CLOCK = ua.NodeId(ua.ObjectIds.Server_ServerStatus_CurrentTime)


@dataclass(frozen=True, slots=True)
class Got:
    """The value of one node.

    node:   its place in the list that was given at `open`.
    raw:    None where it is no number; `what` then says what it is.
    status: StatusCode; `what` is its name where it is not good.
    at:     SourceTimestamp; None without one.
    """

    node: int
    raw: float | None
    status: int = 0
    at: datetime | None = None
    what: str = ""


class Client:
    """Values that are published wait, `rtu.room` at most; more are counted.

    All that waits raises: OSError, TimeoutError among them, and Malformed.
    """

    def __init__(self, url: str, rtu: Rtu, trust: Trust | None) -> None:
        # Whoever asks tells of a failure, once; asyncua would log each.
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self._rtu, self._trust = rtu, trust
        self._session = Session(url, timeout=rtu.timeout, watchdog_intervall=_NEVER)
        self._session.name = self._session.description = "Gridbus"
        self._session.connection_lost_callback = self._lost
        self._nodes: list[ua.NodeId | None] = []
        self._subscription = 0
        self._arrivals: Arrivals[Got] = Arrivals(rtu.room)
        self.heard = 0.0
        """When the subscription last said something, by the clock of the loop."""

    async def open(self, texts: Sequence[str]) -> list[int]:
        """Begin a session; places in `texts` whose namespace the server does not have."""
        with _told():
            if self._trust:
                await self._secure(self._trust)
            await self._session.connect()
            spaces = await self._session.get_namespace_array()
        self._nodes = [_node(text, spaces) for text in texts]
        return [place for place, node in enumerate(self._nodes) if node is None]

    async def _secure(self, trust: Trust) -> None:
        policy = _POLICIES[self._rtu.policy]
        mode = ua.MessageSecurityMode.SignAndEncrypt
        offered = await self._session.connect_and_get_server_endpoints()
        theirs = Session.find_endpoint(offered, mode, policy.URI).ServerCertificate
        host = str(self._session.server_url.hostname)
        self._session.application_uri = trust.uri
        await self._session.set_security(
            policy,
            CertProperties(trust.certificate, "der"),
            CertProperties(trust.key, "der"),
            server_certificate=CertProperties(trust.checked(theirs, host), "der"),
            mode=mode,
        )

    async def read(self, places: Sequence[int]) -> list[Got]:
        """Of each node what it is now."""
        found: list[Got] = []
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            values = await self._read([self._nodes[place] for place in some])
            found += map(_got, some, values)
        return found

    async def state(self) -> tuple[str, datetime | None]:
        """What the server says of itself, "Running" as a rule, and its clock."""
        state, clock = await self._read([_STATE, _CLOCK])
        number, time = _plain(state), _plain(clock)
        known = isinstance(number, int) and number in tuple(ua.ServerState)
        name = ua.ServerState(number).name if known else f"in state {number!r}"
        return name, _utc(time) if isinstance(time, datetime) else None

    async def _read(self, wanted: Sequence[ua.NodeId | None]) -> list[ua.DataValue]:
        asked = ua.ReadParameters()
        asked.TimestampsToReturn = ua.TimestampsToReturn.Source
        asked.NodesToRead = [
            ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value) for node in wanted
        ]
        with _told():
            found: list[ua.DataValue] = await self._session.uaclient.read(asked)
        if len(found) != len(wanted):
            raise Malformed(f"{len(found)} values, {len(wanted)} were asked for")
        return found

    async def subscribe(self, places: Sequence[int]) -> tuple[list[Got], float]:
        """Ask to be told of changes; nodes that it does not tell of, and after how many seconds of
        silence the subscription is dead."""
        wanted = ua.CreateSubscriptionParameters()
        wanted.RequestedPublishingInterval = self._rtu.publishing * 1000
        wanted.RequestedMaxKeepAliveCount = max(1, int(self._rtu.keep_alive / self._rtu.publishing))
        wanted.RequestedLifetimeCount = 10 * wanted.RequestedMaxKeepAliveCount
        wanted.MaxNotificationsPerPublish = 0
        with _told():
            made = await self._session.uaclient.create_subscription(wanted, self._published)
        self._subscription = made.SubscriptionId
        self.heard = asyncio.get_running_loop().time()
        silence = made.RevisedPublishingInterval * made.RevisedMaxKeepAliveCount / 1000
        return await self.watch(places), silence + self._rtu.timeout

    async def watch(self, places: Sequence[int]) -> list[Got]:
        """Add nodes to the subscription; those that it does not tell of."""
        refused: list[Got] = []
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            asked = ua.CreateMonitoredItemsParameters()
            asked.SubscriptionId = self._subscription
            asked.TimestampsToReturn = ua.TimestampsToReturn.Source
            asked.ItemsToCreate = [self._item(place) for place in some]
            with _told():
                results = await self._session.uaclient.create_monitored_items(asked)
            if len(results) != len(some):
                raise Malformed(f"{len(results)} items, {len(some)} were asked for")
            refused += (
                Got(place, None, one.StatusCode.value, what=one.StatusCode.name)
                for place, one in zip(some, results, strict=True)
                if nodes.is_bad(one.StatusCode.value)
            )
        return refused

    def _item(self, place: int) -> ua.MonitoredItemCreateRequest:
        asked = ua.MonitoredItemCreateRequest()
        asked.ItemToMonitor = ua.ReadValueId(
            NodeId=self._nodes[place], AttributeId=ua.AttributeIds.Value
        )
        asked.MonitoringMode = ua.MonitoringMode.Reporting
        asked.RequestedParameters = ua.MonitoringParameters(
            ClientHandle=place,
            SamplingInterval=self._rtu.sampling * 1000,
            QueueSize=_QUEUE,
            DiscardOldest=True,
        )
        return asked

    async def take(self, seconds: float) -> tuple[list[Got], int]:
        """As `Arrivals.take`: values that were published."""
        return await self._arrivals.take(seconds)

    async def close(self) -> None:
        """End session and connection."""
        with suppress(OSError, Malformed), _told():
            async with asyncio.timeout(self._rtu.timeout):
                await self._session.disconnect()
        self._session.disconnect_socket()

    def _published(self, said: ua.PublishResult) -> None:
        self.heard = asyncio.get_running_loop().time()
        for one in said.NotificationMessage.NotificationData or ():
            if isinstance(one, ua.StatusChangeNotification):
                self._arrivals.close(_closed())
            for item in getattr(one, "MonitoredItems", ()):
                if 0 <= item.ClientHandle < len(self._nodes):
                    self._arrivals.put(_got(item.ClientHandle, item.Value))

    async def _lost(self, error: Exception) -> None:  # noqa: ARG002
        self._arrivals.close(_closed())


def _closed() -> ConnectionError:
    return ConnectionResetError("the connection was closed")


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong within, as errors of connections and of telegrams."""
    try:
        yield
    except TimeoutError:  # an OSError, too
        raise TimeoutError("no answer") from None
    except (OSError, Malformed):
        raise
    except ua.UaStatusCodeError as error:
        raise ConnectionError(ua.status_codes.get_name_and_doc(error.code)[0]) from error
    except (ua.UaError, InvalidSignature) as error:
        raise ConnectionError(str(error) or type(error).__name__) from error
    except Exception as error:  # asyncua lets out whatever its decoding meets
        raise Malformed(f"{type(error).__name__}: {error}") from error


def _node(text: str, spaces: Sequence[str]) -> ua.NodeId | None:
    uri, rest = nodes.namespace(text)
    if uri and uri not in spaces:
        return None
    return ua.NodeId.from_string(f"ns={spaces.index(uri)};{rest}" if uri else text)


def _plain(value: ua.DataValue) -> Any:
    return value.Value.Value if value.Value else None


def _got(place: int, value: ua.DataValue) -> Got:
    code = value.StatusCode
    status = code.value if code else 0
    at = _utc(value.SourceTimestamp) if value.SourceTimestamp else None
    if nodes.is_bad(status):
        return Got(place, None, status, at, code.name)
    raw = _plain(value)
    if isinstance(raw, bool | int | float):
        return Got(place, float(raw) if isinstance(raw, float) else int(raw), status, at)
    kind = value.Value.VariantType.name if value.Value else "Null"
    return Got(place, None, status, at, f"{kind}[]" if isinstance(raw, list) else kind)


def _utc(time: datetime) -> datetime | None:
    """None for the time before all times, by which a server says that it has none."""
    if time.year <= 1601:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
