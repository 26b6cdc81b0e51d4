"""Usage points that hang on other equipment than the models say, as differences to the models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cim.model import LINK, Model, write
from cim.model.building import Builder
from cim.model.difference import Difference, part
from cim.model.header import DIFFERENCE, DM, MD, Header, Said
from cim.model.terms import key
from cim.network.models import Held, Models
from cim.profile import RdfXml, Reference
from cim.profiles.network_models import NetworkModel

_OF_POINT, _OF_EQUIPMENT = "UsagePoint.Equipments", "Equipment.UsagePoints"


def attached(models: Models, to: Mapping[str, str]) -> Iterator[NetworkModel]:
    """The differences by which usage points are on other equipment, one for each model.

    A difference keeps the identity of its model: what replaces or changes the model by that does
    so still.  What is so already is in none, nor is a usage point that no model says hangs
    anywhere.

    to: mRID of each usage point -> that of the equipment.
    Raises: KeyError, when a model cannot be had.
    """
    for held in models.held.values():
        if not held.said.links.keys() & {_OF_POINT, _OF_EQUIPMENT}:
            continue  # it may be large, and not at hand
        found = _difference(held, to)
        if found is not None:
            yield NetworkModel(
                mrid=held.mrid,
                description=f"{len(found.forward):,} usage points on other equipment",
                document=RdfXml(write.difference(found)),
                supersedes=(Reference(held.mrid),),
            )


def _difference(held: Held, to: Mapping[str, str]) -> Difference | None:
    model = held.model
    forward, gone = Builder(), np.zeros(len(model), np.bool_)
    for point, equipment in to.items():
        stated = _stated(model, point)
        if not len(stated) or _targets(model, stated, point) == {key(equipment)}:
            continue
        gone[stated] = True
        iri = model.names[int(model.property[stated[0]])].rpartition("#")[0]
        subject = forward.identity(model.ids[model.row(point)])
        forward.link(subject, f"{iri}#{_OF_POINT}", f"urn:uuid:{equipment}")
    if not gone.any():
        return None
    return Difference(_header(held), reverse=part(model.of(gone)), forward=forward.model())


def _stated(model: Model, point: str) -> np.ndarray:
    """The statements on what a usage point hangs on, from either side."""
    try:
        row = model.row(point)
    except KeyError:
        return np.empty(0, np.int64)
    own, others = model.rows(_OF_POINT), model.rows(_OF_EQUIPMENT)
    links = model.kind[others] == LINK
    return np.concatenate(
        [own[model.subject[own] == row], others[links & (model.object[others] == row)]]
    )


def _targets(model: Model, stated: np.ndarray, point: str) -> set[str]:
    row = model.row(point)
    ends = np.where(model.subject[stated] == row, model.object[stated], model.subject[stated])
    return {key(model.ids[end]) for end in ends.tolist()}


def _header(held: Held) -> Header:
    """Of a model without header it has the identity by which the model is known."""
    header = held.model.header
    identity = header.identity if header else f"urn:uuid:{held.mrid}"
    said = (Said(f"{MD}Model.Supersedes", identity, is_link=True),)
    return Header(identity, f"{DM}{DIFFERENCE}", said)
