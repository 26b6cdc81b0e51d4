"""Usage points whose supply must not fail, kept in a table of the app."""

from __future__ import annotations

import sqlalchemy as sa

from cim.network.critical import critical_points as named
from cim.profiles.network_models import NetworkModels
from dms_apps.outage.tables import critical as table


def record_critical(connection: sa.Connection, models: NetworkModels) -> None:
    """Keep which usage points the models call critical, in place of what they said before."""
    for model in models.network_model:
        if (found := named(model)) is not None:
            connection.execute(sa.delete(table).where(table.c.model == model.mrid))
            if found:
                rows = [{"model": model.mrid, "point": point} for point in sorted(found)]
                connection.execute(sa.insert(table), rows)


def critical_points(connection: sa.Connection) -> frozenset[str]:
    """All critical usage points."""
    return frozenset(connection.scalars(sa.select(table.c.point)))
