"""What is dangerous in the field, as the requests it becomes: Incidents (IEC 61968-3)."""

from __future__ import annotations

from dataclasses import dataclass

from cim.message import Outgoing, Verb
from cim.network import Network
from cim.profiles.field_locations import Premises
from cim.profiles.identification import Name
from cim.profiles.incidents import Incident, IncidentHazard, Incidents
from cim.profiles.operations_documents import UnplannedOutage
from hub.console.filled import WrongError

NOUN = Incidents.__name__
KINDS = (
    "wire down",
    "service wire down",
    "wire burning",
    "pole down",
    "tree on wire",
    "transformer burning",
    "cable dug up",
    "enclosure open",
    "fire",
    "gas",
    "flood",
)
"""To choose from; others may be typed."""


@dataclass(frozen=True, kw_only=True)
class Danger:
    """What was filled in.

    incident: mRID of one that is known.
    outage:   mRID of the outage it is of; without one, `where` must say where it is: a device or
              usage point by mRID or name, a meter, or words.
    kind:     what it is, e.g. "wire down"; hazard: what is dangerous about it.
    lost:     whether it is taken although the network knows no such place.
    """

    network: Network
    incident: str = ""
    outage: str = ""
    where: str = ""
    kind: str = ""
    hazard: str = ""
    remark: str = ""
    lost: bool = False

    @property
    def is_placed(self) -> bool:
        """Whether the network knows where it is."""
        return bool(self.outage) or _is_known(self.network, self.where)


def enter(form: Danger) -> Outgoing:
    """A danger that somebody has seen.  Raises: WrongError, with all that is wrong."""
    wrong = {}
    if not form.kind:
        wrong["kind"] = "What it is: it is missing."
    if not form.outage and not form.where:
        wrong["where"] = "Where: it is missing."
    elif not form.is_placed and not form.lost:
        wrong["where"] = (
            f"Where {form.where[:80]!r}: no device, usage point or meter is called so; mark that it"
            " is to be entered all the same."
        )
    if wrong:
        raise WrongError(wrong)
    return _said(
        Verb.CREATE,
        Incident(
            subject=form.kind,
            comment=form.remark or None,
            incident_hazard=(IncidentHazard(type=form.kind, description=form.hazard or None),),
            location=_place(form.where) if form.where else None,
            unplanned_outage=UnplannedOutage(mrid=form.outage) if form.outage else None,
        ),
    )


def place(form: Danger) -> Outgoing:
    """It is there.  Raises: WrongError."""
    wrong = _unnamed(form)
    if not form.where:
        wrong["where"] = "Where: it is missing."
    elif not form.is_placed:
        wrong["where"] = f"Where {form.where[:80]!r}: no device, usage point or meter is called so."
    if wrong:
        raise WrongError(wrong)
    return _said(Verb.CHANGE, Incident(mrid=form.incident, location=_place(form.where)))


def close(form: Danger) -> Outgoing:
    """It is over.  Raises: WrongError."""
    if wrong := _unnamed(form):
        raise WrongError(wrong)
    return _said(Verb.CLOSE, Incident(mrid=form.incident))


def _unnamed(form: Danger) -> dict[str, str]:
    return {} if form.incident else {"incident": "The danger: its number is missing."}


def _is_known(network: Network, where: str) -> bool:
    if network.usage_point_of(where) is not None:
        return True
    try:
        known = network.equipment if network.knows(where) else network.equipment_named
        return bool(network.usage_points_below(known(where).mrid))
    except KeyError:
        return False


def _place(where: str) -> Premises:
    return Premises(names=(Name(name=where),))


def _said(verb: Verb, one: Incident) -> Outgoing:
    return Outgoing(verb, Incidents(incident=(one,)))
