"""SwitchingPlans (IEC 61968-3): what is to be switched, step by step."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name
from cim.profiles.operations_documents import Outage, OutagePlan, SafetyDocument, WorkTask
from cim.profiles.switching_steps import SwitchingStepGroup


class SwitchingPlan(Profile):
    """One plan, to take equipment out of service safely or to bring it back."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the plan.", default=None)
    approved_date_time: datetime | None = attribute(
        "SwitchingPlan.approvedDateTime", "When it was approved.", default=None
    )
    author_name: str | None = attribute("Document.authorName", "Who wrote it.", default=None)
    cancelled_date_time: datetime | None = attribute(
        "SwitchingPlan.cancelledDateTime", "When it was cancelled.", default=None
    )
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    purpose: str | None = attribute(
        "SwitchingPlan.purpose", "What it is for, e.g. maintenance or restoration.", default=None
    )
    rank: int | None = attribute(
        "SwitchingPlan.rank", "Its rank among plans for the same purpose.", default=None
    )
    revision_number: str | None = attribute(
        "Document.revisionNumber", "Which revision it is.", default=None
    )
    title: str | None = attribute("Document.title", "What it is called.", default=None)
    type: str | None = attribute("Document.type", "The utility's own kind of plan.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the plan, e.g. its number.", default=()
    )
    outage: Outage | None = attribute(
        "SwitchingPlan.Outage", "The outage it begins or ends.", default=None
    )
    outage_plan: OutagePlan | None = attribute(
        "SwitchingPlan.OutagePlan", "The outage plan it serves.", default=None
    )
    planned_period: DateTimeInterval | None = attribute(
        "SwitchingPlan.plannedPeriod", "From the first step to the last.", default=None
    )
    safety_documents: tuple[SafetyDocument, ...] = attribute(
        "SwitchingPlan.SafetyDocuments", "Safety documents that apply to it.", default=()
    )
    status: Status | None = attribute(
        "Document.status", "How far it has come, e.g. approved or executed.", default=None
    )
    switching_step_groups: tuple[SwitchingStepGroup, ...] = attribute(
        "SwitchingPlan.SwitchingStepGroups", "The steps, in groups.", default=()
    )
    work_tasks: tuple[WorkTask, ...] = attribute(
        "SwitchingPlan.WorkTasks", "Work for which it is written.", default=()
    )


class SwitchingPlans(
    Profile,
    namespace="urn:gridbus:61968-3:2021:SwitchingPlans#",
    standard="IEC 61968-3",
    ordering=("switching_plan.mrid", "switching_plan.names.name"),
):
    """Plans of switching, from the draft to the last step.

    The names are those of the UML.  Each kind of action has an element of its own in a step, as in
    SwitchingEvents.  What the UML hangs on the plan besides, actions in no step, the request for
    the plan and the order to execute it, is left out: actions have a step, the others are nouns.
    """

    switching_plan: tuple[SwitchingPlan, ...] = attribute(
        "SwitchingPlans.SwitchingPlan", "The plans.", default=()
    )
