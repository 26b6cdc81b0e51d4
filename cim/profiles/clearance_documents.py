"""ClearanceDocuments (IEC 61968-3): equipment that must not be operated while people work on it."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.operations_documents import SwitchingPlan
from cim.profiles.operations_staff import FieldSafetySupervisor, OperationsSafetySupervisor


class ClearanceDocument(Profile):
    """One clearance."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the clearance.", default=None
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
    must_be_deenergised: bool | None = attribute(
        "ClearanceDocument.mustBeDeenergised", "Whether the equipment must be dead.", default=None
    )
    must_be_grounded: bool | None = attribute(
        "ClearanceDocument.mustBeGrounded", "Whether the equipment must be earthed.", default=None
    )
    released_date_time: datetime | None = attribute(
        "SafetyDocument.releasedDateTime", "When it was given back.", default=None
    )
    revision_number: str | None = attribute(
        "Document.revisionNumber", "Which revision it is.", default=None
    )
    type: str | None = attribute(
        "Document.type", "The utility's own kind of clearance.", default=None
    )
    issued_by_supervisor: OperationsSafetySupervisor | None = attribute(
        "SafetyDocument.IssuedBySupervisor", "Who issued it.", default=None
    )
    issued_to_supervisor: FieldSafetySupervisor | None = attribute(
        "SafetyDocument.IssuedToSupervisor", "To whom it was issued.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the clearance, e.g. its number.", default=()
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
    tagged_psrs: tuple[PowerSystemResource, ...] = attribute(
        "ClearanceDocument.TaggedPSRs", "What is tagged and must not be operated."
    )


class ClearanceDocuments(
    Profile,
    namespace="urn:gridbus:61968-3:2021:ClearanceDocuments#",
    standard="IEC 61968-3",
    ordering=(
        "clearance_document.mrid",
        "clearance_document.names.name",
        "clearance_document.tagged_psrs.mrid",
        "clearance_document.tagged_psrs.names.name",
    ),
):
    """Clearances, from the draft until they are given back."""

    clearance_document: tuple[ClearanceDocument, ...] = attribute(
        "ClearanceDocuments.ClearanceDocument", "The clearances.", default=()
    )
