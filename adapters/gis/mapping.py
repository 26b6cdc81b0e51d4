"""How a GIS's layers and columns are called in the CIM: names, units and codes, never logic.

All of it is checked against a CIM vocabulary before a file is read, so that a misspelt attribute is
told with the mapping and not found in the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar, Literal

from adapters.gis import identities
from adapters.gis.units import EPOCH, UNITS
from cim.vocabulary.vocabulary import Vocabulary

Kind = Literal["", "text", "link", "enumeration"]
Step = Literal["insert", "delete", "before", "after"]
Found = Literal["gap", "dangling", "loop", "island", "phases", "duplicate", "short"]
_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """What a column says.

    to:    attribute or association of the CIM, e.g. "Conductor.length"; an IRI for one of another
           namespace.
    unit:  of the numbers in it; they become the CIM's unit.
    codes: what is written in it -> what that is in the CIM; "" for nothing.  Others are refused.
    layer: whose objects it refers to by their identity there.
    kind:  what the values become; as the vocabulary says where left out.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    to: str
    unit: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    layer: str = ""
    kind: Kind = ""


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A column of codes, e.g. of asset groups -> classes."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    column: str
    codes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The column that tells what became of each row, where the file is a change set.

    A layer that lacks it is a snapshot.
    delete, before: the row as it was.
    insert, after:  the row as it is.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    column: str
    codes: Mapping[str, Step]


@dataclass(frozen=True, kw_only=True)
class Phases:
    """The column of phases, and whether it is a bit mask or text; `codes` come first."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    column: str
    bits: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer of the file, or a part of what it says.

    source:    its name in the file, the key where left out; "*" for the only one there is.
    cim_class: of its objects; or by codes, "" for rows that are nothing here.
    identity:  the column that tells the objects apart.
    mrids:     whether that holds mRIDs as they are; else what is no UUID becomes one of version 5.
    derived:   whether the objects are others than those that the column tells apart, e.g. the ends
               of transformers by the identities of these: a UUID is not taken as it is then.
    adds:      rows say more of objects that other layers create.
    optional:  whether the file may lack it.
    at_least:  rows; with fewer the file is cut short.
    crs:       of a layer that names none, e.g. "EPSG:25832".
    location:  whether the geometry becomes Location and PositionPoints.
    nodes:     columns of the nodes at its terminals, in their order.
    ends:      how many terminals it has by its geometry: 2 for lines, 1 or 2 for points.
    node_layer: whose objects the nodes are; else they come of their names.
    phases:    of the terminals.
    ignore:    columns that are known to say nothing here.
    steps:     of a change set.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    source: str = ""
    cim_class: str | Coded
    identity: str
    mrids: bool = False
    derived: bool = False
    columns: Mapping[str, str | Column] = field(default_factory=dict)
    adds: bool = False
    optional: bool = False
    at_least: int = 0
    crs: str = ""
    location: bool = False
    nodes: tuple[str, ...] = ()
    ends: Literal[0, 1, 2] = 0
    node_layer: str = ""
    phases: Phases | None = None
    ignore: tuple[str, ...] = ()
    steps: Steps | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """Those that its objects may be of."""
        named = (self.cim_class,) if isinstance(self.cim_class, str) else self.cim_class.codes
        values = named if isinstance(named, tuple) else tuple(named.values())
        return tuple(dict.fromkeys(value for value in values if value))

    @property
    def connected(self) -> bool:
        return bool(self.nodes or self.ends)

    def all_columns(self) -> dict[str, Column]:
        """Each mapped column, the short form written out."""
        return {n: Column(to=c) if isinstance(c, str) else c for n, c in self.columns.items()}

    def used(self) -> Iterator[str]:
        """The columns that must be there."""
        coded = (self.cim_class, self.phases)
        yield from (one.column for one in coded if isinstance(one, Coded | Phases))
        yield from (self.identity, *self.columns, *self.nodes)


@dataclass(frozen=True, kw_only=True)
class Topology:
    """How geometry connects, and what is told about the network of a full model.

    snap:   metres within which ends are one connectivity node.
    near:   metres within which an end that is connected to nothing is a gap.
    report: whether the network is looked at.
    refuse: findings for which the file is refused; the others are remarks.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    snap: float = 0.1
    near: float = 5.0
    report: bool = True
    refuse: tuple[Found, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Features:
    """How layers become a model.

    system:     enters the identities that are made.
    model:      name of the model that each file is a version of; the file's where left out.
    namespace:  of the CIM.
    vocabulary: what the mapping is checked against, see `cim.vocabulary`; "" for nothing.
    zone:       of times without one.
    encoding:   of shapefiles that do not say theirs.
    phase_bits: of masks.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    layers: Mapping[str, Layer] = field(default_factory=dict)
    system: str = "gis"
    model: str = ""
    namespace: str = "http://iec.ch/TC57/CIM100#"
    vocabulary: str = "cim100-distribution"
    zone: str = "UTC"
    encoding: str = ""
    phase_bits: Mapping[str, int] = field(default_factory=lambda: {"A": 4, "B": 2, "C": 1})
    topology: Topology = field(default_factory=Topology)

    @property
    def sources(self) -> frozenset[str]:
        """The names of the layers in a file; "*" for whatever there is."""
        return frozenset(layer.source or name for name, layer in self.layers.items())

    def identity(self, layer: str, value: Any) -> str:
        """The identity of the object of a layer that a value tells, as a document spells it."""
        said = self.layers.get(layer)
        if said is not None and said.mrids:
            return identities.as_is(value)
        if said is not None and said.derived:
            return identities.made(self.system, layer, identities.text(value))
        return identities.of(self.system, layer, value)

    def iri(self, name: str) -> str:
        """A name of the CIM in full."""
        return name if "://" in name else self.namespace + name

    def check(self, words: Vocabulary | None) -> None:
        """Raises: ValueError with all that cannot be."""
        wrong = [fault for name, layer in self.layers.items() for fault in self._wrong(name, layer)]
        if words is not None:
            wrong += [f for n, layer in self.layers.items() for f in _unknown(n, layer, words)]
        if not 0 < self.topology.snap <= self.topology.near:
            wrong.append("topology.snap is to be above 0 and not above topology.near")
        if wrong:
            raise ValueError(f"the mapping of the GIS cannot be used: {'; '.join(wrong)}")

    def _wrong(self, name: str, layer: Layer) -> Iterator[str]:
        """What contradicts itself."""
        targets = [c.layer for c in layer.all_columns().values()] + [layer.node_layer]
        for target in dict.fromkeys(targets):
            if target and target not in self.layers:
                yield f"{name}: there is no layer {target}"
        if layer.mrids and layer.derived:
            yield f"{name}: its identities are mRIDs as they are (mrids) or made (derived)"
        if layer.nodes and layer.ends:
            yield f"{name}: its terminals come from columns (nodes) or from geometry (ends)"
        if layer.phases and not layer.connected:
            yield f"{name}: phases are those of terminals, and it has none"
        if layer.adds and (layer.connected or layer.location or isinstance(layer.cim_class, Coded)):
            yield f"{name}: it adds to objects of others and has no class, node or place"
        if layer.steps and (layer.ends or (layer.nodes and not layer.node_layer)):
            yield (
                f"{name}: a change set does not tell what else is at a node: name the `nodes` by"
                " columns, and the `node_layer` whose objects they are"
            )


def _unknown(name: str, layer: Layer, words: Vocabulary) -> Iterator[str]:
    """What the vocabulary does not know of a layer."""
    for one in layer.classes:
        if one not in words.classes and "://" not in one:
            yield f"{name}: there is no class {one}{_near(one, words.classes)}"
    known = [one for one in layer.classes if one in words.classes]
    if layer.connected and not any(words.is_a(one, "ConductingEquipment") for one in known):
        yield f"{name}: only ConductingEquipment has terminals"
    for column, said in layer.all_columns().items():
        if known and "://" not in said.to:
            yield from _unfit(f"{name}.{column}", said, known, words)


def _unfit(place: str, said: Column, classes: list[str], words: Vocabulary) -> Iterator[str]:
    found = next((p for c in classes if (p := words.find(c, said.to))), None)
    if found is None:
        names = [
            p.domain + "." + p.name.rpartition(".")[2]
            for c in classes
            for p in words.properties_of(c)
        ]
        yield f"{place}: {' or '.join(classes)} has no {said.to}{_near(said.to, names)}"
        return
    if said.unit == EPOCH:
        if "DateTime" not in found.types:
            yield f"{place}: {said.to} is no time, so not in {EPOCH}"
    elif said.unit:
        units = {words.datatypes[t].unit for t in found.types if t in words.datatypes}
        if said.unit not in UNITS:
            yield f"{place}: unit {said.unit} is none of {', '.join(UNITS)}"
        elif UNITS[said.unit][0] not in units:
            yield f"{place}: {said.to} is in {' or '.join(units) or 'no unit'}, not {said.unit}"
    for enumeration in (words.enumerations[t] for t in found.types if t in words.enumerations):
        values = {value for value, _ in enumeration.values}
        for code in said.codes.values():
            if code and code.rpartition(".")[2] not in values:
                yield f"{place}: {enumeration.name} has no {code}; it has {', '.join(values)}"


def _near(name: str, names: Any) -> str:
    close = get_close_matches(name, list(dict.fromkeys(names)), 3)
    return f"; like it: {', '.join(close)}" if close else ""
