"""Layers become a model, or the difference that a change set makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adapters.gis import connections, network_report, places, snapping
from adapters.gis.faults import Faults, shown
from adapters.gis.findings import Finding, told
from adapters.gis.gathering import Gathering
from adapters.gis.mapping import Features
from adapters.gis.parts import Part, parts, passed_over, tell
from adapters.gis.table import Cells, Ints, Shapes, Table
from adapters.gis.values import Saying, coded, saying
from cim.model import TEXT, Model, difference
from cim.model.difference import Difference
from cim.model.header import DIFFERENCE, DM, MD, Header, Said
from cim.model.terms import key
from cim.violation import Refusal
from cim.vocabulary.vocabulary import Vocabulary

_OLD, _NEW = ("delete", "before"), ("insert", "after")


@dataclass(frozen=True)
class Result:
    """What a file says, and sentences on what in it is odd or was passed over."""

    says: Model | Difference
    remarks: tuple[str, ...]


def read(
    name: str, tables: Sequence[Table], plan: Features, words: Vocabulary | None, mrid: str
) -> Result:
    """What the layers of a file say by the mapping.

    mrid: of the model that it is, or that it changes.
    Raises: Refusal with all that is wrong.
    """
    faults = Faults()
    changed = _is_change_set(name, tables, plan)
    found = list(parts(name, tables, plan, faults, changed=changed))
    remarks = list(passed_over(name, tables, plan))
    if changed:
        says: Model | Difference = _difference(name, found, plan, words, mrid, faults)
    else:
        says, findings = _full(found, plan, words, faults)
        remarks += told(name, findings, plan.topology.refuse, faults)
    faults.raise_if_any()
    return Result(says, tuple(map(shown, remarks)))


# -- snapshots


def _full(
    found: Sequence[Part], plan: Features, words: Vocabulary | None, faults: Faults
) -> tuple[Model, list[Finding]]:
    into = Gathering()
    shapes = {part.name: _shapes(part, faults) for part in found if _has_place(part)}
    ended = [part for part in found if part.layer.ends]
    snapped = snapping.snapped(ended, shapes, plan, faults)
    for part in found:
        _describe(part, into, plan, words, faults)
        if part.layer.location:
            places.locate(part, shapes[part.name], into, plan)
        if part.layer.nodes:
            nodes = connections.by_columns(part, into, plan, faults)
            connections.connect(part, nodes, into, plan, faults)
        elif part.name in snapped.ends:
            nodes = connections.by_geometry(snapped, part, into, plan)
            connections.connect(part, nodes, into, plan, faults)
    _check_created_once(found, faults)
    faults.raise_if_any()
    model = into.model()
    if not len(model):
        raise Refusal.of("1.8", "The layers describe nothing.")
    findings = snapped.findings + list(network_report.doubled(found, shapes))
    findings += network_report.short(found, shapes, snapped.ends)
    if plan.topology.report:
        findings += network_report.findings(model, _where(found, shapes), _called(found))
    return model, findings


def _has_place(part: Part) -> bool:
    layer = part.layer
    return bool(layer.ends or layer.location or (layer.crs and part.table.shapes is not None))


def _shapes(part: Part, faults: Faults) -> Shapes:
    """In longitude and latitude; None for what is no shape or nowhere, which is told."""
    return places.simplified(part, places.degrees(part), faults)


def _where(found: Sequence[Part], shapes: Mapping[str, Shapes]) -> Callable[[str], Any]:
    """Where an object is, by its identity in any spelling: longitude and latitude, or None."""
    known: dict[str, Any] = {}
    for part in found:
        if part.name in shapes:
            known.update(zip(part.keys, shapes[part.name].tolist(), strict=True))

    def where(identity: str) -> Any:
        shape = known.get(key(identity))
        return None if shape is None else shape.centroid.coords[0]

    return where


def _called(found: Sequence[Part]) -> Callable[[str], str]:
    """What people call an object by its identity in any spelling: layer and identity there; ""
    for what no row is."""
    known: dict[str, tuple[Part, int]] = {}
    for part in found:
        if not part.layer.adds:
            known.update((one, (part, row)) for row, one in enumerate(part.keys))

    def called(identity: str) -> str:
        part, row = known.get(key(identity), (None, 0))
        return part.place(row) if part else ""

    return called


def _check_created_once(found: Sequence[Part], faults: Faults) -> None:
    makers: dict[str, Part] = {}
    creating = [part for part in found if not part.layer.adds]
    if len({subject for part in creating for subject in part.keys}) == sum(
        len(part.keys) for part in creating
    ):
        return
    for part in creating:
        for row, subject in enumerate(part.keys):
            if (first := makers.setdefault(subject, part)) is not part:
                faults.say(f"{part.place(row)}: {first.name} has an object of this identity, too.")


# -- objects and their properties


def _describe(
    part: Part, into: Gathering, plan: Features, words: Vocabulary | None, faults: Faults
) -> None:
    subjects = into.identities(part.subjects)
    if not part.layer.adds:
        for place, name in enumerate(part.layer.classes):
            into.type(subjects[part.classes == place], plan.iri(name))
    for name, column in part.layer.all_columns().items():
        said = saying(column, part.layer.classes, plan, words)
        _say(part, name, part.column(name), said, subjects, into, faults)


def _say(
    part: Part,
    name: str,
    cells: Cells,
    said: Saying,
    subjects: Ints,
    into: Gathering,
    faults: Faults,
) -> None:
    codes = cells.used()
    texts = [""] * len(cells.values)
    for code in codes:
        try:
            texts[code] = said.say(cells.values[code])
        except (ValueError, OverflowError, OSError) as error:
            tell(part, cells, code, f"{name} {error}", faults)
    there = np.array([bool(text) for text in texts] + [False], np.bool_)[cells.codes]
    kept = [code for code in codes if texts[code]]
    targets = np.full(len(texts), -1, np.int32)
    spelled = [texts[code] for code in kept]
    targets[kept] = into.texts(spelled) if said.kind == TEXT else into.identities(spelled)
    into.say(subjects[there], said.iri, said.kind, targets[cells.codes[there]])


# -- change sets


def _is_change_set(name: str, tables: Sequence[Table], plan: Features) -> bool:
    """Whether the layers tell what became of each row; all do, or none."""
    by_name = {table.name: table for table in tables}
    told_of = {
        layer.steps is not None and layer.steps.column in by_name[source].columns
        for key_, layer in plan.layers.items()
        if (source := layer.source or key_) in by_name
    }
    if len(told_of) > 1:
        rule = f"{name}: some layers tell what became of their rows, and others do not."
        raise Refusal.of("1.8", rule)
    return told_of == {True}


def _difference(
    name: str,
    found: Sequence[Part],
    plan: Features,
    words: Vocabulary | None,
    mrid: str,
    faults: Faults,
) -> Difference:
    """What a change set takes away and adds; what stays of changed rows is in neither."""
    old, new = Gathering(), Gathering()
    for part in found:
        steps = _steps(part, faults)
        before = _side(part, steps, _OLD, faults)
        after = _side(part, steps, _NEW, faults)
        _check_pairs(part, steps, faults)
        for side, into in ((before, old), (after, new)):
            _describe(side, into, plan, words, faults)
            if part.layer.location:
                places.locate(side, _shapes(side, faults), into, plan, whole=False)
            if part.layer.nodes:
                nodes = connections.by_columns(side, into, plan, faults)
                connections.connect(side, nodes, into, plan, faults)
    faults.raise_if_any()
    said = difference.between(old.model(), new.model(), _header(name, mrid, plan))
    if not said:
        raise Refusal.of("1.8", f"{name} changes nothing.")
    return said


def _header(name: str, mrid: str, plan: Features) -> Header:
    """Of a difference whose result takes the place, and the name, of the model before it.

    The GIS numbers no versions.  That the one in force is the right one follows from its saying all
    that the difference takes away.
    """
    said = (
        Said(f"{MD}Model.Supersedes", f"urn:uuid:{mrid}", is_link=True),
        Said(f"{MD}Model.description", f"{name} of {plan.system}", is_link=False),
    )
    return Header(f"urn:uuid:{mrid}", f"{DM}{DIFFERENCE}", said)


def _steps(part: Part, faults: Faults) -> list[str]:
    """What became of each row."""
    said = part.layer.steps
    assert said is not None  # noqa: S101 - asked before
    found = []
    for row, value in enumerate(part.column(said.column).each()):
        try:
            if value is None:
                raise ValueError("is empty; it tells what became of the row")
            found.append(coded(said.codes, value))
        except ValueError as error:
            faults.say(f"{part.place(row)}: {said.column} {error}.")
            found.append("")
    return found


def _side(part: Part, steps: Sequence[str], wanted: Sequence[str], faults: Faults) -> Part:
    chosen = [row for row, step in enumerate(steps) if step in wanted]
    side = part.at(np.array(chosen, np.int32))
    seen: set[str] = set()
    for row, subject in enumerate(side.subjects):
        if subject in seen:
            faults.say(f"{side.place(row)}: it is in the change set more than once.")
        seen.add(subject)
    return side


def _check_pairs(part: Part, steps: Sequence[str], faults: Faults) -> None:
    """A row that changed is there as it was and as it is: nobody else tells what it was."""
    before, after = (
        {part.subjects[row]: row for row, step in enumerate(steps) if step == wanted}
        for wanted in ("before", "after")
    )
    for subject in before.keys() ^ after.keys():
        row = before.get(subject, after.get(subject, 0))
        other = "as it is" if subject in before else "as it was"
        faults.say(f"{part.place(row)}: the change set lacks this row {other}.")
