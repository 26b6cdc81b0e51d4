"""StateVariables (ours; IEC 61970-456): in which state a network is, or was computed to be."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, Reference, attribute
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.phases import SinglePhaseKind


class Model(Profile):
    """What the state is of; its attributes are those of the header of IEC 61970-552."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier of this state.")
    created: datetime | None = attribute(
        "Model.created", "When the state was written down.", default=None
    )
    description: str | None = attribute(
        "Model.description", "What it describes, e.g. which case was computed.", default=None
    )
    scenario_time: datetime = attribute("Model.scenarioTime", "The moment the state holds for.")
    version: str | None = attribute("Model.version", "Version of the state.", default=None)
    dependent_on: tuple[Reference, ...] = attribute(
        "Model.DependentOn",
        "Versions of the network models whose objects it speaks of, by mRID.",
        default=(),
    )
    supersedes: tuple[Reference, ...] = attribute(
        "Model.Supersedes", "States that this one replaces, by mRID.", default=()
    )


class ConnectivityNode(Profile):
    """Of which topological node a node is a part; for topological nodes that no model describes."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier of the connectivity node.")
    topological_node: Reference = attribute(
        "ConnectivityNode.TopologicalNode", "The topological node, by mRID."
    )


class SvInjection(Profile):
    """What flows into a node beyond what its terminals say: what a computation left over."""

    phase: SinglePhaseKind | None = attribute(
        "SvInjection.phase",
        "The phase; all of them together, balanced, when left out.",
        default=None,
    )
    p_injection: float = attribute(
        "SvInjection.pInjection", "Active power, positive into the node.", unit="MW"
    )
    q_injection: float | None = attribute(
        "SvInjection.qInjection", "Reactive power, positive into the node.", unit="MVAr",
        default=None,
    )  # fmt: skip
    topological_node: Reference = attribute(
        "SvInjection.TopologicalNode", "The topological node, by mRID."
    )


class SvPowerFlow(Profile):
    """The power at one side of equipment."""

    p: float = attribute(
        "SvPowerFlow.p", "Active power, positive out of the node into the equipment.", unit="MW"
    )
    phase: SinglePhaseKind | None = attribute(
        "SvPowerFlow.phase",
        "The phase; all of them together, balanced, when left out.",
        default=None,
    )
    q: float = attribute(
        "SvPowerFlow.q", "Reactive power, positive out of the node into the equipment.", unit="MVAr"
    )
    terminal: Reference = attribute("SvPowerFlow.Terminal", "The terminal, by mRID.")


class SvShuntCompensatorSections(Profile):
    """How many sections of a shunt compensator are in service."""

    phase: SinglePhaseKind | None = attribute(
        "SvShuntCompensatorSections.phase", "The phase; each of them when left out.", default=None
    )
    sections: float = attribute(
        "SvShuntCompensatorSections.sections", "The number, as a continuous variable from zero."
    )
    shunt_compensator: Reference = attribute(
        "SvShuntCompensatorSections.ShuntCompensator", "The shunt compensator, by mRID."
    )


class SvStatus(Profile):
    """Whether equipment is in service."""

    in_service: bool = attribute("SvStatus.inService", "Whether it is in service.")
    phase: SinglePhaseKind | None = attribute(
        "SvStatus.phase", "The phase; each of them when left out.", default=None
    )
    conducting_equipment: Reference = attribute(
        "SvStatus.ConductingEquipment", "The equipment, by mRID."
    )


class SvSwitch(Profile):
    """Whether a switch is open."""

    open: bool = attribute("SvSwitch.open", "Whether it is open.")
    phase: SinglePhaseKind | None = attribute(
        "SvSwitch.phase", "The pole of which phase; each of them when left out.", default=None
    )
    switch: Reference = attribute("SvSwitch.Switch", "The switch, by mRID.")


class SvTapStep(Profile):
    """The position of a tap changer."""

    position: float = attribute(
        "SvTapStep.position", "The step, not the ratio; as a rule a whole number."
    )
    tap_changer: Reference = attribute("SvTapStep.TapChanger", "The tap changer, by mRID.")


class SvVoltage(Profile):
    """The voltage of a node."""

    angle: float = attribute(
        "SvVoltage.angle", "Angle against the reference of the system.", unit="deg"
    )
    phase: SinglePhaseKind | None = attribute(
        "SvVoltage.phase",
        "The phase, and the voltage is that to ground; between phases, balanced, when left out.",
        default=None,
    )
    v: float = attribute("SvVoltage.v", "Magnitude.", unit="kV")
    topological_node: Reference = attribute(
        "SvVoltage.TopologicalNode", "The topological node, by mRID."
    )


class TopologicalNode(IdentifiedObject):
    """A node of an island, by mRID or by name; variables refer to it by mRID."""


class TopologicalIsland(Profile):
    """Topological nodes that are connected and energised."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier of the island.")
    angle_ref_topological_node: Reference | None = attribute(
        "TopologicalIsland.AngleRefTopologicalNode",
        "The node that angles refer to, by mRID; left out where none is known to.",
        default=None,
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the island.", default=()
    )
    topological_nodes: tuple[TopologicalNode, ...] = attribute(
        "TopologicalIsland.TopologicalNodes", "The nodes; each in one island only."
    )


class StateVariables(
    Profile,
    namespace="urn:gridbus:61970-456:2026:StateVariables#",
    standard="IEC 61970-456",
    whole=True,
):
    """The state of a network: as operated, or as computed by a load flow or a state estimation.

    Classes, attributes and multiplicities are those of the profile StateVariables of CGMES 3.0,
    with the phases that the CIM has since version 17; only an island need not name a reference.
    What a variable is of is meant by mRID alone, as in that profile: as RDF the message says what
    such a document says.  All messages are kept in one order: a state is of everything together.
    """

    connectivity_node: tuple[ConnectivityNode, ...] = attribute(
        "StateVariables.ConnectivityNode",
        "Nodes of which topological nodes are made that no model describes.",
        default=(),
    )
    model: Model = attribute("StateVariables.Model", "Of which models and which moment it is.")
    sv_injection: tuple[SvInjection, ...] = attribute(
        "StateVariables.SvInjection", "Injections at nodes.", default=()
    )
    sv_power_flow: tuple[SvPowerFlow, ...] = attribute(
        "StateVariables.SvPowerFlow", "Power at terminals.", default=()
    )
    sv_shunt_compensator_sections: tuple[SvShuntCompensatorSections, ...] = attribute(
        "StateVariables.SvShuntCompensatorSections", "Sections of shunt compensators.", default=()
    )
    sv_status: tuple[SvStatus, ...] = attribute(
        "StateVariables.SvStatus", "Service of equipment.", default=()
    )
    sv_switch: tuple[SvSwitch, ...] = attribute(
        "StateVariables.SvSwitch", "Positions of switches.", default=()
    )
    sv_tap_step: tuple[SvTapStep, ...] = attribute(
        "StateVariables.SvTapStep", "Positions of tap changers.", default=()
    )
    sv_voltage: tuple[SvVoltage, ...] = attribute(
        "StateVariables.SvVoltage", "Voltages of nodes.", default=()
    )
    topological_island: tuple[TopologicalIsland, ...] = attribute(
        "StateVariables.TopologicalIsland", "Islands.", default=()
    )
