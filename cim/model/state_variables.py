"""The state of a network as operated, as a model of its own (IEC 61970-456).

SvSwitch says whether a switch is open, of each phase where its phases differ (SvSwitch.phase, since
CIM17); SvStatus whether equipment is in service; TopologicalIsland which topological nodes are
connected.  Where the models have no topological nodes, as those of distribution have none, the
document says itself which connectivity nodes they stand for.  What the objects are called follows
from what they speak of, so that two states differ in nothing but what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid5

from cim.model import write
from cim.model.building import Builder
from cim.model.header import MD, Header, Said
from cim.model.model import Model
from cim.model.terms import key
from cim.violation import Refusal

CIM100 = "http://iec.ch/TC57/CIM100#"
PROFILE = "http://iec.ch/TC57/ns/CIM/StateVariables-EU/3.0"
TOPOLOGY = "http://iec.ch/TC57/ns/CIM/Topology-EU/3.0"
PHASES = ("A", "B", "C", "N", "s1", "s2")
WHOLE = ""
"""Stands for all phases of a switch."""

_STATES = UUID("b0b7c8a4-52a5-5e39-9b40-7d6f3a3a6f0e")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Island:
    """Topological nodes that are connected and energised.

    nodes:     identities of the nodes.
    reference: identity of the one that angles refer to; empty for none.
    """

    nodes: frozenset[str]
    reference: str = ""


@dataclass(frozen=True)
class State:
    """Positions and services, by identity as spelled in the network model, or by mRID.

    switches:   whether each switch is open, by phase ("A", "B", "C", "N", "s1", "s2") or WHOLE.
    in_service: whether equipment is in service.
    islands:    in no order.
    nodes:      for each topological node that no model describes its connectivity nodes.
    problems:   sentences about what could not be read, or said.
    """

    switches: Mapping[str, Mapping[str, bool]]
    in_service: Mapping[str, bool]
    islands: frozenset[Island] = frozenset()
    nodes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def document(
    state: State,
    *,
    scenario_time: datetime,
    created: datetime,
    dependent_on: Iterable[str] = (),
    supersedes: Iterable[str] = (),
    profiles: Iterable[str] = (PROFILE,),
    authority: str = "",
    namespace: str = CIM100,
) -> Model:
    """The state as a model with header, ready to be written.

    scenario_time: for which the state holds; it and the content make the identity of the model.
    dependent_on:  mRIDs of the network models that it speaks of.
    supersedes:    mRIDs of the states that it replaces.
    namespace:     of the CIM version to be written.
    The problems of the state are those of the model.
    Raises: Refusal, when a switch is given an unknown phase.
    """
    builder = _Builder(namespace)
    for switch, positions in sorted(state.switches.items()):
        builder.switch(switch, positions)
    for equipment, in_service in sorted(state.in_service.items()):
        builder.status(equipment, in_service)
    for island in sorted(state.islands, key=lambda i: (i.reference, sorted(i.nodes))):
        builder.island(island)
    for node, connectivity_nodes in sorted(state.nodes.items()):
        builder.node(node, connectivity_nodes)
    model = builder.model()
    said = [
        Said(f"{MD}Model.created", _written(created), is_link=False),
        Said(f"{MD}Model.scenarioTime", _written(scenario_time), is_link=False),
        *(Said(f"{MD}Model.profile", profile, is_link=False) for profile in profiles),
        *(Said(f"{MD}Model.DependentOn", _model(mrid), is_link=True) for mrid in dependent_on),
        *(Said(f"{MD}Model.Supersedes", _model(mrid), is_link=True) for mrid in supersedes),
    ]
    if authority:
        said.append(Said(f"{MD}Model.modelingAuthoritySet", authority, is_link=False))
    content = sha256(write.full(model)).hexdigest()
    identity = uuid5(_STATES, f"{_written(scenario_time)} {content}").urn
    problems = (*state.problems, *model.problems)
    return replace(model, header=Header(identity, said=tuple(said)), problems=problems)


def by_phase(positions: Mapping[str, bool]) -> Mapping[str, bool]:
    """As positions are written down: that of the whole where all phases have the same."""
    if len(set(positions.values())) == 1:
        return {WHOLE: next(iter(positions.values()))}
    return positions


def island_mrid(island: Island) -> str:
    """What an island is called: after its reference or else its first node."""
    first = min(map(_spelled, island.nodes), default="")
    return str(_called("TopologicalIsland", _spelled(island.reference) or first))


def made_node(connectivity_nodes: Iterable[str]) -> str:
    """The identity of a topological node that no model describes: it follows from the first."""
    first = min(map(_spelled, connectivity_nodes))
    return f"#_{_called('TopologicalNode', first)}"


def state(model: Model) -> State:
    """The state that a model describes; what is no position and no service is passed over."""
    problems: list[str] = []
    switches: dict[str, dict[str, bool]] = {}
    for about, phase, is_open in _read(model, "SvSwitch", "Switch", "open", problems):
        switches.setdefault(about, {})[phase] = is_open
    in_service: dict[str, bool] = {}
    for about, phase, value in _read(
        model, "SvStatus", "ConductingEquipment", "inService", problems
    ):
        if phase == WHOLE:
            in_service[about] = value
        else:
            problems.append(f"The SvStatus of phase {phase} of {about} was passed over.")
    nodes: dict[str, set[str]] = {}
    for row, node in zip(*model.links("ConnectivityNode.TopologicalNode"), strict=True):
        nodes.setdefault(model.ids[int(node)], set()).add(model.ids[int(row)])
    made = {node: frozenset(found) for node, found in nodes.items()}
    return State(switches, in_service, frozenset(_islands(model)), made, tuple(problems))


class _Builder(Builder):
    """Objects whose identities follow from what they say."""

    def __init__(self, namespace: str) -> None:
        super().__init__()
        self.cim = namespace

    def object(self, class_: str, *about: str) -> int:
        """A new object of this class, called after what it is about."""
        return self.born(class_, str(_called(class_, *about)))

    def born(self, class_: str, mrid: str) -> int:
        row = self.identity(f"#_{mrid}", born=True)
        self.type(row, f"{self.cim}{class_}")
        return row

    def switch(self, switch: str, positions: Mapping[str, bool]) -> None:
        if unknown := sorted(set(positions) - {*PHASES, WHOLE}):
            raise Refusal.of("1.8", f"The switch {switch} has no phase {', '.join(unknown)}.")
        for phase, is_open in sorted(by_phase(positions).items()):
            row = self.object("SvSwitch", _spelled(switch), phase)
            self.text(row, f"{self.cim}SvSwitch.open", _boolean(is_open))
            self.link(row, f"{self.cim}SvSwitch.Switch", _spelled(switch))
            if phase != WHOLE:
                kind = f"{self.cim}SinglePhaseKind.{phase}"
                self.link(row, f"{self.cim}SvSwitch.phase", kind)

    def status(self, equipment: str, in_service: bool) -> None:
        row = self.object("SvStatus", _spelled(equipment))
        self.text(row, f"{self.cim}SvStatus.inService", _boolean(in_service))
        self.link(row, f"{self.cim}SvStatus.ConductingEquipment", _spelled(equipment))

    def island(self, island: Island) -> None:
        row = self.born("TopologicalIsland", island_mrid(island))
        for node in sorted(map(_spelled, island.nodes)):
            self.link(row, f"{self.cim}TopologicalIsland.TopologicalNodes", node)
        if island.reference:
            name = f"{self.cim}TopologicalIsland.AngleRefTopologicalNode"
            self.link(row, name, _spelled(island.reference))

    def node(self, node: str, connectivity_nodes: Iterable[str]) -> None:
        """A topological node, and what it stands for."""
        self.type(self.identity(_spelled(node), born=True), f"{self.cim}TopologicalNode")
        for one in sorted(map(_spelled, connectivity_nodes)):
            row = self.identity(one)
            self.type(row, f"{self.cim}ConnectivityNode")
            self.link(row, f"{self.cim}ConnectivityNode.TopologicalNode", _spelled(node))


def _read(
    model: Model, class_: str, about: str, value: str, problems: list[str]
) -> Iterator[tuple[str, str, bool]]:
    """What the objects of a class are about, the phase (or WHOLE), and their value."""
    subjects = model.of_class(class_).nonzero()[0].tolist()
    targets = model.one(model.links(f"{class_}.{about}")).tolist()
    values = model.one(model.values(f"{class_}.{value}")).tolist()
    phases = model.one(model.links(f"{class_}.phase")).tolist()
    for row in subjects:
        text = model.text(values[row]).strip() if values[row] >= 0 else ""
        phase = model.ids[phases[row]].rpartition(".")[2] if phases[row] >= 0 else WHOLE
        if targets[row] < 0:
            problems.append(f"The {class_} {model.mrid(row)} was passed over: it names no {about}.")
        elif text not in _BOOLEANS:
            problems.append(
                f"The {class_} of {model.ids[targets[row]]} was passed over: "
                f"{value} is {text!r}, neither true nor false."
            )
        else:
            yield model.ids[targets[row]], phase, _BOOLEANS[text]


def _islands(model: Model) -> Iterator[Island]:
    nodes: dict[int, set[str]] = {}
    for row, node in zip(*model.links("TopologicalIsland.TopologicalNodes"), strict=True):
        nodes.setdefault(int(row), set()).add(model.ids[int(node)])
    references = model.one(model.links("TopologicalIsland.AngleRefTopologicalNode"))
    for row, found in nodes.items():
        reference = int(references[row])
        yield Island(frozenset(found), model.ids[reference] if reference >= 0 else "")


def _called(class_: str, *about: str) -> UUID:
    """What an object of this class is called, after what it is about."""
    return uuid5(_STATES, " ".join((class_, *map(key, about))))


def _spelled(identity: str) -> str:
    """An identity as a reference; an mRID alone is taken for that of an rdf:ID."""
    is_mrid = identity and not identity.startswith(("#", "_:")) and ":" not in identity
    return f"#_{identity}" if is_mrid else identity


def _model(mrid: str) -> str:
    return mrid if ":" in mrid or mrid.startswith("#") else f"urn:uuid:{mrid}"


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _written(time: datetime) -> str:
    """In UTC, to the second where it has no fraction.  Raises: ValueError, without time zone."""
    if time.tzinfo is None:
        raise ValueError(f"The time {time} has no time zone.")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
