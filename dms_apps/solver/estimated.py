"""Powers of loads that another application has estimated, as an app keeps them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from cim.profiles.state_variables import StateVariables
from dms_apps.solver.assumptions import injected
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from hub.columns import Moment


def table(app: str, metadata: sa.MetaData) -> sa.Table:
    """The table of an app for them."""
    return sa.Table(
        f"{app}_estimated_load",
        metadata,
        sa.Column("terminal", sa.String(200), primary_key=True),
        sa.Column("phase", sa.String(2), primary_key=True),
        sa.Column("p", sa.Float, nullable=False),  # W drawn
        sa.Column("q", sa.Float, nullable=False),  # var drawn
        sa.Column("at", Moment, nullable=False),
    )


def learn(connection: sa.Connection, of: sa.Table, said: StateVariables) -> None:
    """Keep the powers of a message in the place of those known before."""
    powers = {(str(one.terminal), str(one.phase or "")): one for one in said.sv_power_flow}
    if not powers:
        return
    same = (of.c.terminal == sa.bindparam("known")) & (of.c.phase == sa.bindparam("on"))
    connection.execute(sa.delete(of).where(same), [{"known": t, "on": p} for t, p in powers])
    at = said.model.scenario_time
    rows = [
        {"terminal": terminal, "phase": phase, "p": one.p * 1e6, "q": one.q * 1e6, "at": at}
        for (terminal, phase), one in powers.items()
    ]
    connection.execute(sa.insert(of), rows)


def given(connection: sa.Connection, of: sa.Table, since: datetime, layout: Layout) -> Given:
    """Those that are not older, as what loads and generators of a layout draw and feed in."""
    rows = connection.execute(sa.select(of).where(of.c.at >= since)).mappings()
    powers = {(row["terminal"], row["phase"]): complex(row["p"], row["q"]) for row in rows}
    loads, fed, _ = injected(layout, powers)
    return Given(loads=loads, fed=fed)
