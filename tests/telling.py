"""An app that is asked (`hub.interfaces.Reporting`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from cim.message import Message, Outgoing, Topic, Verb
from hub.interfaces import Asking, Context
from hub.report import Column, Form, Offer, Parameter, Report, Unanswerable

AT = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"
_tables = sa.MetaData()
asked_for: list[datetime] = []
"""When the slow report was asked for."""
loads = sa.Table(
    "telling_load",
    _tables,
    sa.Column("place", sa.String(40), primary_key=True),
    sa.Column("amps", sa.Float),
)


@dataclass(frozen=True)
class TellingApp:
    """Tells what its table and the network have, and draws as many bars as it has rows."""

    partitions: int = 1

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({Topic(Verb.CREATED, "StateVariables")})

    @property
    def tables(self) -> sa.MetaData:
        return _tables

    def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
        return ()

    @property
    def reports(self) -> Sequence[Offer]:
        return (
            Offer(
                "loading",
                "How much each place carries.",
                (
                    Parameter("above", "Amperes that count; all when left out."),
                    Parameter("phase", "Which phase.", choices=("A", "B", "C")),
                ),
            ),
            Offer(
                "customers",
                "Who lives there.",
                (Parameter("place", "Where.", needed=True),),
                nouns=frozenset({"CustomerConfig"}),
            ),
            Offer("slow", "Takes a while.", takes_long=True),
        )

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        if name == "slow":
            asked_for.append(given.now)
            return Report(title="Slow", columns=(Column("at"),), rows=[(given.now,)] * 200)
        if name == "customers":
            columns = Column("place"), Column("customer", personal=True)
            return Report(title="Customers", columns=columns, rows=((asked["place"], "Ann"),))
        return self._loading(asked, given)

    def _loading(self, asked: Mapping[str, str], given: Asking) -> Report:
        above = asked.get("above", "-1")
        try:
            least = float(above)
        except ValueError:
            raise Unanswerable(f"a number was expected, not {above!r}", "above") from None
        wanted = sa.select(loads).order_by(loads.c.place)
        rows = [(*row, AT) for row in given.connection.execute(wanted)]
        rows = [row for row in rows if row[1] is None or row[1] > least]
        breakers = given.network.counts().get("Breaker", 0)

        def draw(form: Form) -> bytes:
            if form is Form.PNG:
                return PNG
            style = "fill: #0072b2"
            bars = "".join(
                f'<rect x="{9 * n}" width="8" height="40" style="{style}"/>' for n in range(9)
            )
            return (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40">{bars}</svg>'
            ).encode()

        return Report(
            title=f"Loading of {breakers} breakers",
            at=AT,
            columns=(Column("place"), Column("current", "A"), Column("at")),
            rows=rows,
            draw=draw,
            remarks=("Place p-x was left out: it has no rating.",),
        )
