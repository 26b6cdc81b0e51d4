"""Usage points whose supply must not fail, as the models of usage points name them."""

from __future__ import annotations

import sqlalchemy as sa

from cim import parse
from cim.network.document import RDF, identity
from cim.profiles.network_models import NetworkModel, NetworkModels
from dms_apps.outage.tables import critical as table

PROFILE = "UsagePoint"
"""Ends the URI of the profiles whose documents are looked at."""


class _Priorities:
    """Usage points with a UsagePoint.servicePriority."""

    def __init__(self) -> None:
        self.depth, self.subject, self.name = 0, "", ""
        self.found: set[str] = set()

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        if self.depth == 2:
            given = dict(zip(attributes[::2], attributes[1::2], strict=True))
            self.subject = identity(given.get(f"{RDF}\nabout", given.get(f"{RDF}\nID", "")))
        self.name = name.rpartition("\n")[2]

    def end(self, text: str) -> None:
        if self.depth == 3 and self.name == "UsagePoint.servicePriority" and text.strip():
            self.found.add(self.subject)
        self.depth -= 1


def record_critical(connection: sa.Connection, models: NetworkModels) -> None:
    """Keep which usage points the models call critical, in place of what they said before."""
    for model in models.network_model:
        if any(uri.rstrip("#/").endswith(PROFILE) for uri in model.profile):
            connection.execute(sa.delete(table).where(table.c.model == model.mrid))
            if found := sorted(_critical(model)):
                rows = [{"model": model.mrid, "point": point} for point in found]
                connection.execute(sa.insert(table), rows)


def critical_points(connection: sa.Connection) -> frozenset[str]:
    """All critical usage points."""
    return frozenset(connection.scalars(sa.select(table.c.point)))


def _critical(model: NetworkModel) -> set[str]:
    priorities = _Priorities()
    parse.scan(model.document, parse.MODEL, priorities)
    return priorities.found
