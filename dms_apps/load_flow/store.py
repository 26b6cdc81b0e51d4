"""The tables of the load flow, as values."""

from __future__ import annotations

import hashlib
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from dms_apps.load_flow.tables import told
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Complex


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
