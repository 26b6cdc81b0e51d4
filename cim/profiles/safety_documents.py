"""SafetyDocuments (IEC 61968-3): what permits or restricts work on equipment."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name
from cim.profiles.operations_documents import SwitchingPlan
from cim.profiles.operations_staff import FieldSafetySupervisor, OperationsSafetySupervisor


class SafetyDocument(Profile):
    """One document, e.g. a permit to work, a sanction for test or a limitation of access."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the document.", default=None
    )
    author_name: str | None = attribute("Document.authorName", "Who wrote it.", default=None)
    comment: str | None = attribute(
        "Document.comment", "Work, place and precautions in words.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    issued_date_time: datetime | None = attribute(
        "SafetyDocument.issuedDateTime", "When it was issued.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    released_date_time: datetime | None = attribute(
        "SafetyDocument.releasedDateTime", "When it was given back.", default=None
    )
    revision_number: str | None = attribute(
        "Document.revisionNumber", "Which revision it is.", default=None
    )
    type: str = attribute(
        "Document.type", "The utility's own kind of safety document, e.g. a permit to work."
    )
    issued_by_supervisor: OperationsSafetySupervisor | None = attribute(
        "SafetyDocument.IssuedBySupervisor", "Who issued it.", default=None
    )
    issued_to_supervisor: FieldSafetySupervisor | None = attribute(
        "SafetyDocument.IssuedToSupervisor", "To whom it was issued.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the document, e.g. its number.", default=()
    )
    released_by_supervisor: FieldSafetySupervisor | None = attribute(
        "SafetyDocument.ReleasedBySupervisor", "Who gave it back.", default=None
    )
    released_to_supervisor: OperationsSafetySupervisor | None = attribute(
        "SafetyDocument.ReleasedToSupervisor", "To whom it was given back.", default=None
    )
    status: Status | None = attribute(
        "Document.status", "How far it has come, e.g. prepared, issued or cancelled.", default=None
    )
    switching_plan: SwitchingPlan | None = attribute(
        "SafetyDocument.SwitchingPlan", "The plan that makes the work safe.", default=None
    )


class SafetyDocuments(
    Profile,
    namespace="urn:gridbus:61968-3:2021:SafetyDocuments#",
    standard="IEC 61968-3",
    ordering=(
        "safety_document.mrid",
        "safety_document.names.name",
        "safety_document.switching_plan.mrid",
        "safety_document.switching_plan.names.name",
    ),
):
    """Safety documents other than clearances, which have a noun of their own."""

    safety_document: tuple[SafetyDocument, ...] = attribute(
        "SafetyDocuments.SafetyDocument", "The documents.", default=()
    )
