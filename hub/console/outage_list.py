"""Open outages as a dispatcher looks through them: where they are, who calls, which are shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar
from urllib.parse import urlencode

from cim.network import Network
from hub.console.outages import Outage
from hub.console.view import ConsoleView
from hub.dispatch import reports
from hub.dispatch.reports import Given
from hub.report import Report

CALLS = "by-outage"
"""A report of an app that is called so tells in its column `calls` how many have called, by the
mRID of the outage in its column `outage`."""
UNPLACED = "unresolved"
"""One called so has a row for each call or danger of which nobody knows the place."""
PAGE = 100

log = logging.getLogger(__name__)
T = TypeVar("T")
_SECONDS = 5.0
_AWAITING = ("", "awaitingCrewAssignment")


@dataclass(frozen=True)
class Area:
    """A feeder, by mRID and in words; both empty where nobody knows."""

    mrid: str = ""
    name: str = ""


NOWHERE = Area()


class Places:
    """In which feeder outages are, by the newest network."""

    def __init__(self) -> None:
        self._network = Network.empty()
        self._known: dict[str, Area] = {}

    def of(self, network: Network, at: str) -> Area:
        """That of `Outage.place`."""
        if network is not self._network:
            self._network, self._known = network, {}
        known = self._known
        if at not in known:
            known[at] = _area(network, at)
        return known[at]


def _area(network: Network, mrid: str) -> Area:
    try:
        feeder = network.feeder_of(mrid) if mrid else ""
    except KeyError:
        return NOWHERE
    return Area(feeder, (network.name(feeder) if network.knows(feeder) else "") or feeder)


class Heard(Generic[T]):
    """What a report of some app comes to, as far as one tells; asked anew after some seconds."""

    def __init__(self, name: str, read: Callable[[Report], T]) -> None:
        self._name, self._read = name, read
        self._lock = Lock()
        self._since = float("-inf")
        self._known: T | None = None

    def now(self, view: ConsoleView) -> T | None:
        """None when no app tells; what it told last when it cannot answer now."""
        now = view.clock().timestamp()
        is_old = abs(now - self._since) >= _SECONDS
        if is_old and self._lock.acquire(blocking=False):  # else somebody else asks just now
            try:
                self._known = self._asked(view)
            except Exception:
                log.exception("the report %s failed: it is not counted anew", self._name)
            finally:
                self._since = now
                self._lock.release()
        return self._known

    def _asked(self, view: ConsoleView) -> T | None:
        for app, offers in reports.offers(view.apps).items():
            if any(offer.name == self._name for offer in offers):
                with view.journal.reading() as connection:
                    given = Given(connection, view.clock(), view.network)
                    return self._read(reports.ask(view.apps, app, self._name, {}, given))
        return None


def calls() -> Heard[Mapping[str, int]]:
    """How many calls each outage has."""
    return Heard(CALLS, _counts)


def unplaced() -> Heard[int]:
    """How many calls and dangers there are of which nobody knows the place."""
    return Heard(UNPLACED, lambda report: len(report.rows))


def _counts(report: Report) -> Mapping[str, int]:
    names = [column.name for column in report.columns]
    outage, calls = names.index("outage"), names.index("calls")
    return {str(row[outage]): int(str(row[calls])) for row in report.rows}


@dataclass(frozen=True)
class Line:
    """One outage of the list; `calls` None: nobody tells."""

    outage: Outage
    area: Area
    calls: int | None


@dataclass(frozen=True)
class Sheet:
    """The open outages that are asked for, and those of them on one page.

    lines:  of all open ones, the most urgent first.
    feeder: mRID; "-" for where no feeder is known; empty for all.
    state:  `Outage.status` or `Outage.note`; empty for all.
    number: of the page, from 1.
    """

    lines: Sequence[Line]
    feeder: str = ""
    state: str = ""
    number: int = 1

    @property
    def wanted(self) -> Sequence[Line]:
        """Those of the feeder and the state."""
        return [
            line
            for line in self.lines
            if self.feeder in ("", line.area.mrid or "-")
            and self.state in ("", line.outage.status, line.outage.note)
        ]

    @property
    def feeders(self) -> Sequence[tuple[str, str]]:
        """Which there are to choose from: value and words."""
        areas = {line.area for line in self.lines} - {NOWHERE}
        known = sorted((area.name, area.mrid) for area in areas)
        lost = [("-", "none known")] if any(line.area == NOWHERE for line in self.lines) else []
        return [*((mrid, name) for name, mrid in known), *lost]

    @property
    def states(self) -> Sequence[str]:
        """The same of states."""
        told = {s for line in self.lines for s in (line.outage.status, line.outage.note) if s}
        return sorted(told)

    @property
    def question(self) -> str:
        """The query string of this page."""
        return self.page(self.number)

    def page(self, number: int) -> str:
        """The query string of another page."""
        asked = {"feeder": self.feeder, "state": self.state, "page": str(number)}
        return urlencode({key: value for key, value in asked.items() if value})


def is_waiting(outage: Outage) -> bool:
    """Whether no crew has been sent."""
    return not outage.crews and outage.crew in _AWAITING
