"""The consumers of a feeder: where customers can be put."""

from __future__ import annotations

from dataclasses import dataclass

from cim import parse
from cim.network.document import RDF, identity


@dataclass(frozen=True)
class Consumer:
    """One EnergyConsumer; `power` is its active power, W, load positive."""

    mrid: str
    power: float


class _Consumers:
    """Collects the consumers of a document as the gate hands them on."""

    def __init__(self) -> None:
        self.depth, self.inside, self.name = 0, False, ""
        self.mrid, self.power = "", 0.0
        self.found: list[Consumer] = []

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        self.name = name.rpartition("\n")[2]
        if self.depth == 2:
            given = dict(zip(attributes[::2], attributes[1::2], strict=True))
            self.inside = self.name == "EnergyConsumer"
            self.mrid = identity(given.get(f"{RDF}\nabout", given.get(f"{RDF}\nID", "")))
            self.power = 0.0

    def end(self, text: str) -> None:
        if self.depth == 3 and self.name == "EnergyConsumer.p":
            self.power = float(text)
        elif self.depth == 2 and self.inside:
            self.found.append(Consumer(self.mrid, self.power))
        self.depth -= 1


def consumers(document: bytes) -> list[Consumer]:
    """All consumers, by mRID.  Raises: Refusal."""
    reader = _Consumers()
    parse.scan(document, parse.MODEL, reader)
    return sorted(reader.found, key=lambda c: c.mrid)
