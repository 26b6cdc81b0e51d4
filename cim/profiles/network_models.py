"""NetworkModels (IEC 61968-13): a part of the network as a CIM RDF/XML document."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, RdfXml, Reference, attribute


class NetworkModel(Profile):
    """One model; its attributes are those of the header of IEC 61970-552."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier of this version of the model.")
    created: datetime | None = attribute(
        "Model.created", "When the document was written.", default=None
    )
    description: str | None = attribute("Model.description", "What it describes.", default=None)
    profile: tuple[str, ...] = attribute(
        "Model.profile", "URIs of the profiles the document follows.", default=()
    )
    version: str | None = attribute("Model.version", "Version of the model.", default=None)
    dependent_on: tuple[Reference, ...] = attribute(
        "Model.DependentOn", "Models that this one refers to, by mRID.", default=()
    )
    document: RdfXml = attribute("NetworkModel.Document", "The CIM RDF/XML document.")
    supersedes: tuple[Reference, ...] = attribute(
        "Model.Supersedes", "Models that this one replaces, by mRID.", default=()
    )


class NetworkModels(
    Profile,
    namespace="urn:gridbus:61968-13:2026:NetworkModels#",
    standard="IEC 61968-13",
    whole=True,
    ordering=("network_model.mrid",),
):
    """Models of the network as designed.

    A feeder is tens of megabytes: a message of this noun travels compressed.
    """

    network_model: tuple[NetworkModel, ...] = attribute("NetworkModels.NetworkModel", "The models.")
