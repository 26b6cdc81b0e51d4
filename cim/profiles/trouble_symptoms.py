"""What somebody saw who reports a trouble (IEC 61968-8)."""

from __future__ import annotations

from enum import StrEnum

from cim.profile import Profile, attribute


class TroubleSymptomsExtentKind(StrEnum):
    """Who is concerned."""

    ENTIRE_NEIGHBOURHOOD = "entireNeighbourhood"
    NEIGHBOUR = "neighbour"
    OK = "ok"
    OTHER = "other"
    SINGLE_CUSTOMER = "singleCustomer"


class TroubleSymptomsLightKind(StrEnum):
    """How the lights are."""

    ALL_OUT = "allOut"
    DIM = "dim"
    FLICKERING = "flickering"
    OK = "ok"
    OTHER = "other"
    PART_OUT = "partOut"


class TroubleSymptomsPoleKind(StrEnum):
    """How the pole is."""

    DOWN = "down"
    HIT = "hit"
    LEANING = "leaning"
    OK = "ok"
    OTHER = "other"


class TroubleSymptomsTransformerKind(StrEnum):
    """How the transformer is."""

    BURNING = "burning"
    OK = "ok"
    OTHER = "other"


class TroubleSymptomsTreeKind(StrEnum):
    """How the tree is; its name in the CIM has a blank before Kind."""

    LIMB_ON_SERVICE = "limbOnService"
    LIMB_ON_WIRE = "limbOnWire"
    OK = "ok"
    OTHER = "other"


class TroubleSymptomsWireKind(StrEnum):
    """How the wire is."""

    DIG_IN = "digIn"
    OK = "ok"
    OTHER = "other"
    SERVICE_DOWN = "serviceDown"
    WIRE_DOWN = "wireDown"
    WIRE_BURNING = "wireburning"


class TroubleSymptoms(Profile):
    """What was seen; the texts say it where a kind is other.

    The UML wants all of them, which nobody who reports a trouble can answer.
    """

    trouble_symptoms_extent: TroubleSymptomsExtentKind | None = attribute(
        "TroubleSymptoms.troubleSymptomsExtent", "Who is concerned.", default=None
    )
    trouble_symptoms_extent_other: str | None = attribute(
        "TroubleSymptoms.troubleSymptomsExtentOther",
        "Who is concerned, in words.",
        personal=True,
        default=None,
    )
    trouble_symptoms_light: TroubleSymptomsLightKind | None = attribute(
        "TroubleSymptoms.troubleSymptomsLight", "How the lights are.", default=None
    )
    trouble_symptoms_light_other: str | None = attribute(
        "TroubleSymptoms.troubleSymptomsLightOther",
        "How the lights are, in words.",
        personal=True,
        default=None,
    )
    trouble_symptoms_pole: TroubleSymptomsPoleKind | None = attribute(
        "TroubleSymptoms.troubleSymptomsPole", "How the pole is.", default=None
    )
    trouble_symptoms_pole_other: str | None = attribute(
        "TroubleSymptoms.troubleSymptomsPoleOther",
        "How the pole is, in words.",
        personal=True,
        default=None,
    )
    trouble_symptoms_transformer: TroubleSymptomsTransformerKind | None = attribute(
        "TroubleSymptoms.troubleSymptomsTransformer", "How the transformer is.", default=None
    )
    trouble_symptoms_transformer_other: str | None = attribute(
        "TroubleSymptoms.troubleSymptomsTransformerOther",
        "How the transformer is, in words.",
        personal=True,
        default=None,
    )
    trouble_symptoms_tree: TroubleSymptomsTreeKind | None = attribute(
        "TroubleSymptoms.troubleSymptomsTree", "How the tree is.", default=None
    )
    trouble_symptoms_tree_other: str | None = attribute(
        "TroubleSymptoms.troubleSymptomsTreeOther",
        "How the tree is, in words.",
        personal=True,
        default=None,
    )
    trouble_symptoms_wire: TroubleSymptomsWireKind | None = attribute(
        "TroubleSymptoms.troubleSymptomsWire", "How the wire is.", default=None
    )
    trouble_symptoms_wire_other: str | None = attribute(
        "TroubleSymptoms.troubleSymptomsWireOther",
        "How the wire is, in words.",
        personal=True,
        default=None,
    )
