"""What the models say of transformers and regions, read model by model and joined by mRID.

A network may consist of hundreds of models: of one that is new no other is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

from cim.electrical.reading import units
from cim.model import Model
from cim.network import Network
from cim.network.models import Held

LOW = 1000.0
"""Volts between phases up to which a winding feeds customers."""

_OF_BANK = "PowerTransformerEnd.PowerTransformer"
_TANK = "TransformerTank.PowerTransformer"
_SHEETS = ("TransformerTank.TransformerTankInfo", "PowerSystemResource.AssetDatasheet")
_SHEET_OF = "AssetInfo.PowerSystemResources"
_OF_SHEET = ("TransformerEndInfo.TransformerTankInfo", "TransformerEndInfo.PowerTransformerInfo")
_STATION = "Feeder.NormalEnergizingSubstation"
_REGION = ("Substation.Region", "Line.Region")
_LINKS = (_OF_BANK, _TANK, *_SHEETS, _SHEET_OF, *_OF_SHEET, _STATION, *_REGION)

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rated:
    """What the models say, whatever is operated.

    va:      rating by mRID of the transformers that feed customers at low voltage.
    regions: region by mRID of a feeder, as the model has it.
    """

    va: Mapping[str, int]
    regions: Mapping[str, str]


@dataclass(frozen=True)
class _Said:
    """Of one model, by mRID: who refers to whom, by property; ratings, and volts, of windings or
    of their data sheets; names of what is a region."""

    links: Mapping[str, Pairs]
    sizes: Mapping[str, float]
    volts: Mapping[str, float]
    names: Mapping[str, str]


class _Read:
    """The models of the latest network that was asked for; any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._said: dict[str, tuple[Held, _Said]] = {}
        self._latest: tuple[object, Rated] | None = None

    def of(self, network: Network) -> Rated:
        with self._lock:
            if self._latest is None or self._latest[0] is not network.models:
                self._said = dict(self._renewed(network))
                joined = _joined([said for _, said in self._said.values()])
                self._latest = network.models, joined
            return self._latest[1]

    def _renewed(self, network: Network) -> Iterator[tuple[str, tuple[Held, _Said]]]:
        for key, held in network.models.held.items():
            known = self._said.get(key)
            yield key, known if known and known[0] is held else (held, _read(held.model))


_models = _Read()


def rated_of(network: Network) -> Rated:
    """What the models of a network say."""
    return _models.of(network)


def _read(model: Model) -> _Said:
    unit = units(model)
    region = model.of_class("SubGeographicalRegion")
    return _Said(
        links={name: tuple(_links(model, name)) for name in _LINKS},
        sizes=_numbers(model, "ratedS", unit.power),
        volts=_numbers(model, "ratedU", unit.voltage),
        names={
            model.mrid(row): model.text(text)
            for row, text in _pairs(model.values("IdentifiedObject.name"))
            if region[row]
        },
    )


def _links(model: Model, name: str) -> Iterator[tuple[str, str]]:
    return ((model.mrid(a), model.mrid(b)) for a, b in _pairs(model.links(name)))


def _pairs(columns: Iterable[Iterable[int]]) -> Iterator[tuple[int, int]]:
    one, other = columns
    return zip(map(int, one), map(int, other), strict=True)


def _numbers(model: Model, name: str, scale: float) -> dict[str, float]:
    """What is above 0, of windings or of their data sheets."""
    rows, values = model.numbers(f"PowerTransformerEnd.{name}", f"TransformerEndInfo.{name}")
    return {
        model.mrid(row): value * scale
        for row, value in zip(rows.tolist(), values.tolist(), strict=True)
        if value > 0
    }


def _joined(said: list[_Said]) -> Rated:
    links = {name: [pair for one in said for pair in one.links[name]] for name in _LINKS}
    sizes = {key: value for one in said for key, value in one.sizes.items()}
    volts = {key: value for one in said for key, value in one.volts.items()}
    names = {key: name for one in said for key, name in one.names.items()}
    return Rated(_ratings(links, sizes, volts), dict(_regions(links, names)))


def _ratings(
    links: Mapping[str, list[tuple[str, str]]],
    sizes: Mapping[str, float],
    volts: Mapping[str, float],
) -> dict[str, int]:
    """Of a bank the largest rating of its windings, else those of its tanks together."""
    sheets = [pair for name in _SHEETS for pair in links[name]]
    sheets += [(of, sheet) for sheet, of in links[_SHEET_OF]]
    parts = _grouped((sheet, end) for name in _OF_SHEET for end, sheet in links[name])
    windings = _grouped((bank, end) for end, bank in links[_OF_BANK])
    for of, sheet in sheets:
        windings.setdefault(of, []).extend(parts.get(sheet, ()))
    tanks = _grouped((bank, tank) for tank, bank in links[_TANK])
    found: dict[str, int] = {}
    parts_of_banks = {tank for tank, _ in links[_TANK]}
    for bank in (windings.keys() | tanks.keys()) - parts_of_banks:
        wholes = tanks.get(bank, [bank])
        rated = [max((sizes.get(w, 0.0) for w in windings.get(u, ())), default=0.0) for u in wholes]
        levels = [volts[w] for u in wholes for w in windings.get(u, ()) if w in volts]
        if all(rated) and levels and min(levels) <= LOW:
            found[bank] = round(sum(rated))
    return found


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
    return found


def _regions(
    links: Mapping[str, list[tuple[str, str]]], names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """By Feeder.NormalEnergizingSubstation and its Substation.Region, or, for a feeder that is a
    Line or a Substation, by its own."""
    own = {of: names.get(region, region) for name in _REGION for of, region in links[name]}
    yield from own.items()
    yield from ((feeder, own[station]) for feeder, station in links[_STATION] if station in own)
