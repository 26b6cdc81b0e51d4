"""Who carries out what a dispatcher's forms ask for, and what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cim.message import Message, ObjectId, Outgoing, Reply, Result, Topic, Verb
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from hub.dispatch.stamp import stamp
from hub.interfaces import Asking, Context
from hub.journal.canonical import encode_checked
from hub.report import Column, Offer, Report
from tests import fakes
from tests.hub.console.house import OUTAGE, START


class LedApp:
    """Carries out what is asked of outages and orders, and knows two crews."""

    partitions: int = 1
    tables: None = None
    topics: frozenset[Topic] = frozenset(
        {
            Topic(Verb.CHANGE, noun)
            for noun in (
                "UnplannedOutages",
                "TroubleOrders",
                "PlannedOutages",
                "Incidents",
                "TroubleTickets",
            )
        }
    )
    reports: Sequence[Offer] = (
        Offer("crews", "Crews."),
        Offer("work-queue", "Orders."),
        Offer("unresolved", "Nowhere.", nouns=frozenset({"UnplannedOutages"})),
    )

    def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
        return [Outgoing(Verb.REPLY, reply=Reply(result=Result.OK, ids=(ObjectId(value=OUTAGE),)))]

    def report(self, name: str, _asked: Mapping[str, str], _context: Asking) -> Report:
        if name == "crews":
            names = ("crew", "mRID", "on shift", "skills", "order", "next")
            rows: Any = [
                ("Line 1", "c-1", "yes", "", "T-7", ""),
                ("Line 2", "c-2", "yes", "tree", "", "T-8"),
            ]
        else:
            names = ("order", "mRID", "class", "why", "outage", "status", "crews", "expected",
                     "suggestion")  # fmt: skip
            rows = [
                ("T-7", "order-7", "critical", "2 critical.", OUTAGE, "enroute",
                 "Line 1 enroute", START, ""),
                ("T-8", "order-8", "some", "3 customers.", "other", "", "", None, ""),
            ]  # fmt: skip
        return Report(title=name, at=START, columns=tuple(map(Column, names)), rows=rows)


@dataclass
class Desk:
    """What was asked, by whom; it answers as it is told to."""

    asked: list[tuple[str, Outgoing]] = field(default_factory=list)
    reply: Reply = field(default_factory=lambda: Reply(result=Result.OK))

    def act(self, who: str, asked: Outgoing) -> Message:
        encode_checked(stamp(asked, "GRIDBUS", START))  # it can be kept, and read again
        self.asked.append((who, asked))
        return replace(fakes.message(fakes.last_gasp("up-1"), Verb.REPLY), reply=self.reply)

    @property
    def outage(self) -> UnplannedOutage:
        payload = self.asked[-1][1].payload
        assert isinstance(payload, UnplannedOutages)
        return payload.unplanned_outage[0]
