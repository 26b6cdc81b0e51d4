"""Draws small networks and says what happens to them.  An mRID is the name it is drawn with."""

from __future__ import annotations

from collections.abc import Iterable

from cim.message import Header, Kind, Message, Verb
from cim.network import Network
from cim.profile import Profile, RdfXml, Reference
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.switching_events import (
    PhaseCode,
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)

CIM = "http://iec.ch/TC57/CIM100#"
HEAD = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:cim="{cim}" xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#">\n'
)


class Drawing:
    """A CIM document in the making."""

    def __init__(self, cim: str = CIM) -> None:
        self.cim = cim
        self.objects: list[str] = []
        self.nodes: set[str] = set()

    def thing(self, kind: str, mrid: str, **properties: str) -> Drawing:
        """One object; a property value that starts with # refers to another object."""
        lines = [f'<cim:{kind} rdf:about="#_{mrid}">']
        for key, value in properties.items():
            tag = key.replace("__", ".")
            if value.startswith(("#", "http")):
                lines.append(f'  <cim:{tag} rdf:resource="{value}"/>')
            else:
                lines.append(f"  <cim:{tag}>{value}</cim:{tag}>")
        self.objects.append("\n".join([*lines, f"</cim:{kind}>"]))
        return self

    def phase(self, code: str) -> str:
        return f"{self.cim}SinglePhaseKind.{code}"

    def equipment(self, kind: str, mrid: str, nodes: Iterable[str], **properties: str) -> Drawing:
        self.thing(kind, mrid, IdentifiedObject__name=f"{mrid} name", **properties)
        for number, node in enumerate(nodes, 1):
            self.terminal(mrid, number, node)
        return self

    def terminal(self, equipment: str, number: int, node: str) -> None:
        if node not in self.nodes:
            self.nodes.add(node)
            self.thing("ConnectivityNode", node)
        self.thing(
            "Terminal",
            f"{equipment}-t{number}",
            Terminal__ConductingEquipment=f"#_{equipment}",
            Terminal__ConnectivityNode=f"#_{node}",
            ACDCTerminal__sequenceNumber=str(number),
        )

    def source(self, node: str, mrid: str = "source") -> Drawing:
        return self.equipment("EnergySource", mrid, [node])

    def line(self, mrid: str, one: str, two: str, phases: Iterable[str] = ()) -> Drawing:
        self.equipment("ACLineSegment", mrid, [one, two])
        for code in phases:
            self.thing(
                "ACLineSegmentPhase",
                f"{mrid}-{code}",
                ACLineSegmentPhase__phase=self.phase(code),
                ACLineSegmentPhase__ACLineSegment=f"#_{mrid}",
            )
        return self

    def switch(
        self,
        mrid: str,
        one: str,
        two: str,
        poles: Iterable[str] = (),
        *,
        kind: str = "Breaker",
        opened: bool = False,
        normally_open: bool = False,
        **properties: str,
    ) -> Drawing:
        self.equipment(
            kind,
            mrid,
            [one, two],
            Switch__open=str(opened).lower(),
            Switch__normalOpen=str(normally_open).lower(),
            **properties,
        )
        for code in poles:
            self.thing(
                "SwitchPhase",
                f"{mrid}-{code}",
                SwitchPhase__phaseSide1=self.phase(code),
                SwitchPhase__phaseSide2=self.phase(code),
                SwitchPhase__closed=str(not opened).lower(),
                SwitchPhase__normalOpen=str(normally_open).lower(),
                SwitchPhase__Switch=f"#_{mrid}",
            )
        return self

    def transformer(self, mrid: str, *windings: tuple[str, str], voltages: str = "HLL") -> Drawing:
        """One tank; each winding is a node and its ordered phases, e.g. "s1N"."""
        self.thing("PowerTransformer", mrid)
        self.thing("TransformerTank", f"{mrid}-k", TransformerTank__PowerTransformer=f"#_{mrid}")
        for number, (node, phases) in enumerate(windings, 1):
            self.terminal(mrid, number, node)
            self.thing(
                "TransformerTankEnd",
                f"{mrid}-e{number}",
                TransformerTankEnd__TransformerTank=f"#_{mrid}-k",
                TransformerTankEnd__orderedPhases=f"{self.cim}OrderedPhaseCodeKind.{phases}",
                TransformerEnd__endNumber=str(number),
                TransformerEnd__Terminal=f"#_{mrid}-t{number}",
                TransformerEnd__BaseVoltage=f"#_{voltages[number - 1]}",
            )
        return self

    def consumer(self, mrid: str, node: str, phases: Iterable[str] = ()) -> Drawing:
        self.equipment("EnergyConsumer", mrid, [node])
        for code in phases:
            self.thing(
                "EnergyConsumerPhase",
                f"{mrid}-{code}",
                EnergyConsumerPhase__phase=self.phase(code),
                EnergyConsumerPhase__EnergyConsumer=f"#_{mrid}",
            )
        return self

    def usage_point(self, mrid: str, *equipment: str) -> Drawing:
        self.thing("UsagePoint", mrid, IdentifiedObject__name=f"{mrid} name")
        for one in equipment:
            self.thing("UsagePoint", mrid, UsagePoint__Equipments=f"#_{one}")
        return self

    def meter(self, mrid: str, usage_point: str) -> Drawing:
        return self.thing(
            "Meter",
            mrid,
            IdentifiedObject__name=f"{mrid} name",
            EndDevice__UsagePoint=f"#_{usage_point}",
        )

    def document(self) -> bytes:
        return (HEAD.format(cim=self.cim) + "\n".join(self.objects) + "\n</rdf:RDF>").encode()

    def network(self) -> Network:
        """The network that this drawing alone describes."""
        return Network.empty().after(model("drawing", self.document()))


def event(verb: Verb, payload: Profile) -> Message:
    header = Header(verb=verb, noun=type(payload).__name__)
    return Message(header=header, kind=Kind.of(verb), payload=payload)


def model(
    mrid: str, document: bytes, *, supersedes: Iterable[str] = (), verb: Verb = Verb.CREATED
) -> Message:
    """The message that brings a model."""
    one = NetworkModel(
        mrid=mrid,
        document=RdfXml(document),
        supersedes=tuple(map(Reference, supersedes)),
    )
    return event(verb, NetworkModels(network_model=(one,)))


def moved(
    kind: str, *switches: str, phases: str | None = None, verb: Verb = Verb.CREATED
) -> Message:
    """The message that switches were opened or closed ("open", "close")."""
    events = [
        SwitchingEvent(
            switching_action=SwitchAction(
                kind=SwitchActionKind(kind),
                phases=PhaseCode(phases) if phases else None,
                operated_switch=Switch(mrid=switch),
            )
        )
        for switch in switches
    ]
    return event(verb, SwitchingEvents(switching_event=tuple(events)))


def street() -> Drawing:
    # source - a =[x]= b --l-- c --m-- d --{t: A}-- s1, s2: h      e --n-- f
    return (
        Drawing()
        .source("a")
        .switch("x", "a", "b")
        .line("l", "b", "c")
        .line("m", "c", "d")
        .transformer("t", ("d", "AN"), ("s", "s1N"), ("s", "Ns2"))
        .consumer("h", "s", ["s1", "s2"])
        .usage_point("p", "h")
        .line("n", "e", "f")
        .consumer("k", "f")
        .usage_point("q", "k")
    )
