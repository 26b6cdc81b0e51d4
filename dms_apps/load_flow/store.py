"""The tables of the load flow, as values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from dms_apps.load_flow.tables import told, violation
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Complex
from dms_apps.solver.violations import Violation


@dataclass(frozen=True)
class Since:
    """A violation, and since when it lasts."""

    violation: Violation
    since: datetime


def violations(connection: sa.Connection) -> dict[str, Since]:
    """Those that last, by mRID."""
    rows = connection.execute(sa.select(violation).order_by(violation.c.mrid)).mappings()
    return {
        row["mrid"]: Since(
            Violation(**{name: row[name] for name in row if name != "since"}), row["since"]
        )
        for row in rows
    }


def keep_violations(
    connection: sa.Connection, lasting: Iterable[Since], over: Iterable[str]
) -> None:
    """Write down what lasts, and forget what is over."""
    lasting, over = list(lasting), list(over)
    gone = [one.violation.mrid for one in lasting] + over
    for mrid in gone:
        connection.execute(sa.delete(violation).where(violation.c.mrid == mrid))
    if lasting:
        rows = [asdict(one.violation) | {"since": one.since} for one in lasting]
        connection.execute(sa.insert(violation), rows)


def digest(layout: Layout) -> str:
    """What the places of a layout are known by."""
    whole = hashlib.sha256()
    for node, phase in layout.places:
        whole.update(f"{node} {phase}\n".encode())
    return whole.hexdigest()


def last_told(connection: sa.Connection, layout: Layout) -> tuple[Complex, datetime] | None:
    """The voltages told last, and when all of them were; None where they are of other places."""
    row = connection.execute(sa.select(told)).mappings().first()
    if row is None or row["layout"] != digest(layout):
        return None
    return np.frombuffer(row["volts"], np.complex128), row["whole_at"]


def keep_told(
    connection: sa.Connection, layout: Layout, volts: Complex, whole_at: datetime
) -> None:
    """Write down what is told now."""
    connection.execute(sa.delete(told))
    row = {"one": 1, "layout": digest(layout), "volts": volts.tobytes(), "whole_at": whole_at}
    connection.execute(sa.insert(told), row)
