"""What the models in a file would change of those that the hub holds: `feed try --compare`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cim.message import Message
from cim.model import difference
from cim.model.read import content
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub.history import versions
from hub.history.model_diff import Object, Report, told
from hub.history.past import Past

_MOST = 20  # objects or values of one sort that are named


def changes(past: Past, messages: Iterable[Message]) -> Iterator[str]:
    """In sentences, model by model; nothing of messages without models."""
    for message in messages:
        if isinstance(message.payload, NetworkModels):
            for model in message.payload.network_model:
                yield from _of_model(past, model)


def _of_model(past: Past, model: NetworkModel) -> Iterator[str]:
    held = content(model.document)
    if held.header is not None and held.header.is_difference:
        yield f"Model {model.mrid} comes as a difference: it says itself what it changes."
        return
    with past.reading() as connection:
        found = versions.listed(connection, mrid=model.mrid, limit=1)
    if not found or found[0].until is not None:
        yield f"The hub has no model {model.mrid} in force; all of it would be new."
        return
    old, new = past.model(found[0]), held.model()
    report = told(difference.between(old, new), old, new)
    yield f"Model {model.mrid} beside version {found[0].id}: {_counted(report)}."
    for sort in (
        [f"{one} would be gone." for one in report.removed],
        [f"{one} would be new." for one in report.added],
        [str(one) for one in report.changed],
    ):
        yield from _first(sort)


def _counted(report: Report) -> str:
    """How many objects of each class are new, changed and gone."""
    sorts = (
        ("new", report.added),
        ("changed", tuple({one.object.mrid: one.object for one in report.changed}.values())),
        ("gone", report.removed),
    )
    said = [f"{_kinds(objects)} {word}" for word, objects in sorts if objects]
    return "; ".join(said) or "they say the same"


def _kinds(objects: Sequence[Object]) -> str:
    counts = Counter(one.kind for one in objects)
    return ", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items()))


def _first(sentences: Sequence[str]) -> Iterator[str]:
    yield from sentences[:_MOST]
    if len(sentences) > _MOST:
        yield f"And {len(sentences) - _MOST:,} more of this sort."
