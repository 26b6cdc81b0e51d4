"""The steps of a switching plan, and the actions that change no connection (IEC 61968-3)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject, Name, PowerSystemResource
from cim.profiles.operations_documents import ClearanceDocument
from cim.profiles.operations_staff import Crew, Operator
from cim.profiles.phases import PhaseCode
from cim.profiles.switching_actions import (
    CutAction,
    EnergyConsumerAction,
    EnergySourceAction,
    GroundAction,
    JumperAction,
    SwitchAction,
    SwitchingAction,
    TagAction,
)


class ClearanceActionKind(StrEnum):
    """What is done with a clearance."""

    ISSUE = "issue"
    RELEASE = "release"
    UPDATE = "update"


class ClearanceAction(SwitchingAction):
    """A clearance is issued, changed or given back."""

    kind: ClearanceActionKind = attribute("ClearanceAction.kind", "What is done.")
    clearance: ClearanceDocument = attribute("ClearanceAction.Clearance", "The clearance.")
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class Control(IdentifiedObject):
    """A control of equipment, by mRID or by name, e.g. the set point of a tap changer."""


class ControlAction(Profile):
    """A control is given, e.g. a tap changer is raised."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the action.", default=None)
    analog_value: float | None = attribute(
        "ControlAction.analogValue", "The value for a set point or a raise or lower control.",
        default=None,
    )  # fmt: skip
    description: str | None = attribute(
        "IdentifiedObject.description", "The action in words, as a crew is told it.", default=None
    )
    discrete_value: int | None = attribute(
        "ControlAction.discreteValue", "The value for a command.", default=None
    )
    executed_date_time: datetime | None = attribute(
        "SwitchingAction.executedDateTime", "When it was done.", default=None
    )
    issued_date_time: datetime | None = attribute(
        "SwitchingAction.issuedDateTime", "When the crew was told to do it.", default=None
    )
    phases: PhaseCode | None = attribute(
        "SwitchingAction.phases", "The phases concerned; all of them when left out.", default=None
    )
    planned_date_time: datetime | None = attribute(
        "SwitchingAction.plannedDateTime", "For when it is planned.", default=None
    )
    control: Control = attribute("ControlAction.Control", "The control.")
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class ActionInWords(Profile, cim="SwitchingAction"):
    """What actions say that have no kind."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the action.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "The action in words, as a crew is told it.", default=None
    )
    executed_date_time: datetime | None = attribute(
        "SwitchingAction.executedDateTime", "When it was done.", default=None
    )
    issued_date_time: datetime | None = attribute(
        "SwitchingAction.issuedDateTime", "When the crew was told to do it.", default=None
    )
    phases: PhaseCode | None = attribute(
        "SwitchingAction.phases", "The phases concerned; all of them when left out.", default=None
    )
    planned_date_time: datetime | None = attribute(
        "SwitchingAction.plannedDateTime", "For when it is planned.", default=None
    )


class GenericAction(ActionInWords):
    """Anything else, in words."""

    description: str = attribute(
        "IdentifiedObject.description", "The action in words, as a crew is told it."
    )
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )
    power_system_resource: PowerSystemResource | None = attribute(
        "GenericAction.PowerSystemResource", "On what it is done.", default=None
    )


class Measurement(IdentifiedObject):
    """A measurement, by mRID or by name."""


class MeasurementAction(ActionInWords):
    """Something is measured, e.g. whether it is dead."""

    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    measurement: Measurement = attribute("MeasurementAction.Measurement", "What is measured.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class VerificationAction(ActionInWords):
    """A condition is verified, e.g. that a switch is open."""

    verification_condition: str = attribute(
        "VerificationAction.verificationCondition", "What must be true."
    )
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )
    power_system_resource: PowerSystemResource | None = attribute(
        "VerificationAction.PowerSystemResource", "Of what it must be true.", default=None
    )


StepAction = (
    SwitchingAction | ControlAction | GenericAction | MeasurementAction | VerificationAction
)


class SwitchingStep(Profile):
    """One step; it has one action: SwitchingAction when a switch moves, else one of the others."""

    is_free_sequence: bool | None = attribute(
        "SwitchingStep.isFreeSequence",
        "Whether it may be done at any time; its number is then for display only.",
        default=None,
    )
    sequence_number: int = attribute("SwitchingStep.sequenceNumber", "Its place in the plan.")
    sub_step_sequence_number: int | None = attribute(
        "SwitchingStep.subStepSequenceNumber", "Its place in a step of several parts.", default=None
    )
    clearance_action: ClearanceAction | None = attribute(
        "SwitchingStep.ClearanceAction",
        "A clearance is issued, changed or given back.",
        choice="action",
        default=None,
    )
    control_action: ControlAction | None = attribute(
        "SwitchingStep.ControlAction", "A control is given.", choice="action", default=None
    )
    cut_action: CutAction | None = attribute(
        "SwitchingStep.CutAction", "A line is cut or joined.", choice="action", default=None
    )
    energy_consumer_action: EnergyConsumerAction | None = attribute(
        "SwitchingStep.EnergyConsumerAction",
        "A load is connected or disconnected.",
        choice="action",
        default=None,
    )
    energy_source_action: EnergySourceAction | None = attribute(
        "SwitchingStep.EnergySourceAction",
        "A source is connected or disconnected.",
        choice="action",
        default=None,
    )
    generic_action: GenericAction | None = attribute(
        "SwitchingStep.GenericAction", "Anything else is done.", choice="action", default=None
    )
    ground_action: GroundAction | None = attribute(
        "SwitchingStep.GroundAction", "An earth is placed or removed.", choice="action",
        default=None,
    )  # fmt: skip
    jumper_action: JumperAction | None = attribute(
        "SwitchingStep.JumperAction", "A jumper is placed or removed.", choice="action",
        default=None,
    )  # fmt: skip
    measurement_action: MeasurementAction | None = attribute(
        "SwitchingStep.MeasurementAction", "Something is measured.", choice="action", default=None
    )
    switching_action: SwitchAction | None = attribute(
        "SwitchingStep.SwitchingAction", "A switch is operated.", choice="action", default=None
    )
    tag_action: TagAction | None = attribute(
        "SwitchingStep.TagAction", "A tag is placed or removed.", choice="action", default=None
    )
    verification_action: VerificationAction | None = attribute(
        "SwitchingStep.VerificationAction", "A condition is verified.", choice="action",
        default=None,
    )  # fmt: skip

    @property
    def action(self) -> StepAction | None:
        """What is done; the schema cannot demand that a step says it."""
        actions: tuple[StepAction | None, ...] = (
            self.clearance_action,
            self.control_action,
            self.cut_action,
            self.energy_consumer_action,
            self.energy_source_action,
            self.generic_action,
            self.ground_action,
            self.jumper_action,
            self.measurement_action,
            self.switching_action,
            self.tag_action,
            self.verification_action,
        )
        return next((action for action in actions if action is not None), None)


class SwitchingStepGroup(Profile):
    """Steps that belong together, e.g. a jumper between two cuts."""

    description: str | None = attribute(
        "SwitchingStepGroup.description", "What the steps do.", default=None
    )
    is_free_sequence: bool | None = attribute(
        "SwitchingStepGroup.isFreeSequence",
        "Whether the group may be done at any time; its number is then for display only.",
        default=None,
    )
    purpose: str | None = attribute(
        "SwitchingStepGroup.purpose", "What the steps are for, e.g. isolation.", default=None
    )
    sequence_number: int | None = attribute(
        "SwitchingStepGroup.sequenceNumber", "Its place in the plan.", default=None
    )
    switching_step: tuple[SwitchingStep, ...] = attribute(
        "SwitchingStepGroup.SwitchingStep", "The steps.", default=()
    )
