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
    points = {row: equipment for point, equipment in to.items() if (row := _row(model, point)) >= 0}
    forward, gone = Builder(), list[int]()
    for point, stated in _stated(model, list(points)).items():
        if {end for _, end in stated} == {key(points[point])}:
            continue
        gone += (statement for statement, _ in stated)
        iri = model.names[int(model.property[gone[-1]])].rpartition("#")[0]
        subject = forward.identity(model.ids[point])
        forward.link(subject, f"{iri}#{_OF_POINT}", f"urn:uuid:{points[point]}")
    if not gone:
        return None
    reverse = part(model.of(np.array(sorted(gone))))
    return Difference(_header(held), reverse=reverse, forward=forward.model())


def _row(model: Model, identity: str) -> int:
    """-1 for what the model does not speak of."""
    try:
        return model.row(identity)
    except KeyError:
        return -1


def _stated(model: Model, points: list[int]) -> dict[int, list[tuple[int, str]]]:
    """By usage point the statements on what it hangs on, from either side, and the key of that."""
    found: dict[int, list[tuple[int, str]]] = {}
    own, others = model.rows(_OF_POINT), model.rows(_OF_EQUIPMENT)
    for rows, near, far in (
        (own, model.subject[own], model.object[own]),
        (others, model.object[others], model.subject[others]),
    ):
        here = np.isin(near, points) & (model.kind[rows] == LINK)
        for row, point, end in zip(*(c[here].tolist() for c in (rows, near, far)), strict=True):
            found.setdefault(point, []).append((row, key(model.ids[end])))
    return found


def _header(held: Held) -> Header:
    """Of a model without header it has the identity by which the model is known."""
    header = held.model.header
    identity = header.identity if header else f"urn:uuid:{held.mrid}"
    said = (Said(f"{MD}Model.Supersedes", identity, is_link=True),)
    return Header(identity, f"{DM}{DIFFERENCE}", said)
