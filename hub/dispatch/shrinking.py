"""Snapshots of which a part is missing: what is cut off is not gone.

A whole model takes the place of the one before, so what it lacks would be gone.  That a file is
whole nobody can see who does not know how much it should hold; the model in force tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cim.message import Message
from cim.model import Model
from cim.model.read import content
from cim.model.terms import key
from cim.network.models import key_of
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.violation import Refusal

CUT = "1.8"

_FOLLOWING = ("Terminal", "ConnectivityNode", "Location", "PositionPoint")
"""Their identities follow from other things, from places e.g.: moved, they are others."""


def check(message: Message, models: Mapping[str, Model], keeps: float, setting: str) -> None:
    """Hold the whole models of a message against those in force whose place they take.

    models:  by the key of their mRID.
    keeps:   share of the objects of each class that must still be there; one may always go.
    setting: what it is called, for people.
    Raises: Refusal with what would be gone; CUT.
    """
    payload = message.payload
    if not keeps or not isinstance(payload, NetworkModels):
        return
    whole = list(_whole(payload.network_model))
    old = {of: models[of] for one, _ in whole for of in _replaced(one) if of in models}
    if not old:
        return
    there = {key(model.ids[row]) for _, model in whole for row in _described(model)}
    if said := ", ".join(_lost(old.values(), there, keeps)):
        rule = (
            f"as a whole it would take {said} out of the model, and what a snapshot lacks is not"
            f" gone: send all of it, or changes; if they are gone indeed, set {setting}, now"
            f" {keeps:g}, to the share that must stay (0: any), and send it again"
        )
        raise Refusal.of(CUT, rule)


def _whole(models: Iterable[NetworkModel]) -> Iterator[tuple[NetworkModel, Model]]:
    for one in models:
        found = content(one.document)
        if found.header is None or not found.header.is_difference:
            yield one, found.model()


def _replaced(one: NetworkModel) -> Sequence[str]:
    return list(dict.fromkeys((key_of(one.mrid), *map(key_of, one.supersedes))))


def _described(model: Model) -> list[int]:
    """The rows of what it says the class of."""
    rows: list[int] = (model.class_of() >= 0).nonzero()[0].tolist()
    return rows


def _lost(old: Iterable[Model], there: set[str], keeps: float) -> Iterator[str]:
    """How many of a class would be gone, where they are too many."""
    before: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for model in old:
        for row in _described(model):
            kind = model.class_name(row)
            before[kind] += 1
            gone[kind] += key(model.ids[row]) not in there
    for kind, count in sorted(gone.items()):
        if kind not in _FOLLOWING and count > 1 and count > (1 - keeps) * before[kind] + 1e-9:
            yield f"{count:,} of {before[kind]:,} {kind}"
