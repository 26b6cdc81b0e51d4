"""What anybody may know of outages: sums by area, and nothing of any customer.

A number of customers below the least one that may be told is not told, nor can it be had from the
others: a total is the sum of what is told, and at least one for each that is not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from cim.network import Network
from hub.console.outage_list import Places
from hub.console.outages import Outage, Outages
from hub.console.planned import Planned, PlannedOnes
from hub.console.view import ConsoleView, words
from hub.public_settings import Public

PUBLIC, PUBLIC_API = "/public", "/api/v1/public"
ELSEWHERE = "elsewhere"
"""Where outages are whose area has no name."""

Count = int | str
"""A number that may be told, or in words what may."""

_STAGES = {
    "assigned": "crew assigned",
    "enroute": "crew on its way",
    "arrived": "crew at work",
    "fieldComplete": "crew at work",
}
INVESTIGATED, RETURNING = "being investigated", "supply is coming back"
PLANNED = "planned work"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Area:
    """One area with outages.

    customers_served:  all there are in it; null where nobody knows.
    started, expected: of the first outage, and when the last is expected to be over; null where
                       that is not known of all of them, or has passed.
    """

    area: str
    outages: Count
    customers_affected: Count
    customers_served: Count | None
    started: datetime | None
    expected: datetime | None
    causes: Sequence[str]
    statuses: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """All outages, as anybody may know them; the area with the most customers first."""

    at: datetime
    outages: Count
    customers_affected: Count
    areas: Sequence[Area]
    statement: str


@dataclass(frozen=True, kw_only=True)
class Cut:
    """So many customers without supply, whatever the reason; all that is looked at here.

    causes: as anybody may know them; `words`: as somebody wrote them.
    """

    customers: int
    since: datetime | None
    expected: datetime | None
    status: str
    causes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, one: Outage) -> Cut:
        """An outage that nobody planned."""
        return cls(
            customers=one.customers,
            since=one.since,
            expected=one.expected,
            status=RETURNING if one.restored else _STAGES.get(one.crew, INVESTIGATED),
            causes=(words(one.cause_kind),) if one.cause_kind else (),
            words=(one.cause,) if one.cause else (),
        )

    @classmethod
    def planned(cls, one: Planned) -> Cut:
        """One that was planned; nobody without supply before it begins."""
        return cls(
            customers=one.dark,
            since=one.began or one.begins,
            expected=one.ends,
            status=PLANNED,
            causes=(PLANNED,),
            words=(one.reason,) if one.reason else (),
        )


class Told:
    """The newest summary; made anew after some seconds, by one who asks."""

    def __init__(self, outages: Outages, planned: PlannedOnes) -> None:
        self._outages = outages
        self._planned = planned
        self._places = Places()
        self._lock = Lock()
        self._served: tuple[object, Mapping[str, int]] = (None, {})
        self._newest: Summary | None = None

    def summary(self, view: ConsoleView) -> Summary:
        """As of so many seconds ago at most; while somebody makes the next, the one before."""
        newest, now = self._newest, view.clock()
        if newest is not None and now - newest.at < timedelta(seconds=view.public.seconds):
            return newest
        if not self._lock.acquire(blocking=newest is None):
            assert newest is not None  # noqa: S101 - else it would have waited
            return newest
        try:
            self._newest = self._made(view, now)
            return self._newest
        finally:
            self._lock.release()

    def _made(self, view: ConsoleView, now: datetime) -> Summary:
        network, settings = view.network(), view.public
        with view.journal.reading() as connection:
            active = self._outages.active(connection)
            planned = [one for one in self._planned.active(connection) if one.running]
        found = [
            *((o.place, o.community, Cut.of(o)) for o in active),
            *((p.place, p.community, Cut.planned(p)) for p in planned),
        ]
        if settings.area == "community":
            return summary(((community, cut) for _, community, cut in found), {}, settings, now)
        named = ((self._named(network, place), cut) for place, _, cut in found)
        return summary(named, self._customers(network), settings, now)

    def _named(self, network: Network, place: str) -> str:
        area = self._places.of(network, place)
        return "" if area.name == area.mrid else area.name

    def _customers(self, network: Network) -> Mapping[str, int]:
        """How many each feeder serves by the normal switch positions, by its name."""
        if self._served[0] != network.version:
            found: Counter[str] = Counter()
            for feeder, count in Counter(network.normal.served().feeders).items():
                found[network.name(feeder) if network.knows(feeder) else ""] += count
            self._served = network.version, found
        return self._served[1]


def summary(
    cuts: Iterable[tuple[str, Cut]],
    served: Mapping[str, int],
    settings: Public,
    now: datetime,
) -> Summary:
    """What may be told of `cuts`, each with the name of its area.

    served: name of an area -> its customers.
    """
    by_area: dict[str, list[Cut]] = defaultdict(list)
    for name, cut in cuts:
        if cut.customers > 0:
            by_area[name].append(cut)
    areas = [_area(name, by_area[name], served, settings, now) for name in sorted(by_area)]
    told = [area for area in areas if isinstance(area.customers_affected, int)]
    hidden = [area for area in areas if isinstance(area.customers_affected, str)]
    return Summary(
        at=now,
        outages=_total([area.outages for area in areas], settings.least),
        customers_affected=_total([area.customers_affected for area in areas], settings.least),
        areas=[*sorted(told, key=lambda a: -int(a.customers_affected)), *hidden],
        statement=settings.statement,
    )


def _area(
    name: str, some: Sequence[Cut], served: Mapping[str, int], settings: Public, now: datetime
) -> Area:
    customers, there = _customers(some), served.get(name) if name else None
    is_told = customers >= settings.least
    fewer = f"fewer than {settings.least}"
    return Area(
        area=name or ELSEWHERE,
        outages=len(some) if is_told else fewer,
        customers_affected=customers if is_told else fewer,
        customers_served=fewer if there is not None and there < settings.least else there,
        started=_started(some),
        expected=_expected(some, now),
        causes=_causes(some, settings),
        statuses=sorted({one.status for one in some}),
    )


def _customers(some: Iterable[Cut]) -> int:
    return sum(one.customers for one in some)


def _total(counts: Sequence[Count], least: int) -> Count:
    """Of what is told, and of one at least for each that is not."""
    told = sum(count for count in counts if isinstance(count, int))
    hidden = sum(isinstance(count, str) for count in counts)
    if not hidden:
        return told
    return f"at least {told + hidden}" if told or hidden > 1 else f"fewer than {least}"


def _started(some: Iterable[Cut]) -> datetime | None:
    known = [one.since for one in some if one.since]
    return min(known).replace(second=0, microsecond=0) if known else None


def _expected(some: Sequence[Cut], now: datetime) -> datetime | None:
    known = [one.expected for one in some if one.expected]
    if len(known) < len(some) or max(known) <= now:
        return None
    latest = max(known)
    whole = latest.replace(second=0, microsecond=0)
    return whole if whole == latest else whole + _MINUTE


def _causes(some: Iterable[Cut], settings: Public) -> list[str]:
    told = {cause for one in some for cause in one.causes}
    return sorted(told | {word for one in some for word in one.words if settings.words})
