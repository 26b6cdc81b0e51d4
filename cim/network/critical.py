"""Usage points whose supply must not fail, as the models of usage points name them."""

from __future__ import annotations

from cim import parse
from cim.network.document import RDF, identity
from cim.profiles.network_models import NetworkModel

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


def critical_points(model: NetworkModel) -> frozenset[str] | None:
    """The mRIDs of usage points with a servicePriority; None of a model of other things."""
    if not any(uri.rstrip("#/").endswith(PROFILE) for uri in model.profile):
        return None
    priorities = _Priorities()
    parse.scan(model.document, parse.MODEL, priorities)
    return frozenset(priorities.found)
