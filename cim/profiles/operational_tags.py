"""OperationalTags (IEC 61968-3): what hangs on equipment to warn those who would operate it."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.operations_documents import Asset


class OperationalTag(Profile):
    """One tag, such as a hold or a do-not-operate."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the tag.", default=None)
    author_name: str | None = attribute("Document.authorName", "Who wrote it.", default=None)
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    description: str | None = attribute(
        "IdentifiedObject.description", "What the tag says.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    type: str | None = attribute(
        "Document.type", "The utility's own kind of tag, e.g. a hold.", default=None
    )
    asset: Asset | None = attribute(
        "OperationalTag.Asset", "The asset it hangs on, when that is no equipment.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the tag.", default=())
    power_system_resource: PowerSystemResource | None = attribute(
        "OperationalTag.PowerSystemResource", "What it hangs on.", default=None
    )
    status: Status | None = attribute(
        "Document.status", "Whether it hangs, e.g. placed or removed.", default=None
    )


class OperationalTags(
    Profile,
    namespace="urn:gridbus:61968-3:2021:OperationalTags#",
    standard="IEC 61968-3",
    ordering=(
        "operational_tag.mrid",
        "operational_tag.names.name",
        "operational_tag.power_system_resource.mrid",
        "operational_tag.power_system_resource.names.name",
        "operational_tag.asset.mrid",
        "operational_tag.asset.names.name",
    ),
):
    """Tags as documents.

    That a tag was placed or removed is a TagAction of SwitchingEvents, which carries the same tag.
    """

    operational_tag: tuple[OperationalTag, ...] = attribute(
        "OperationalTags.OperationalTag", "The tags.", default=()
    )
