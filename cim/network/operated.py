"""A model with what is operated now in place of what it states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from cim.model import TEXT, TYPE, Model
from cim.model.terms import Terms, union
from cim.network.state import State
from cim.network.statements import Statements

_OPEN, _CLOSED, _SERVICE = "Switch.open", "SwitchPhase.closed", "Equipment.inService"


@dataclass(frozen=True)
class _Edit:
    """One statement.

    at: its row in the model; -1 where there is none yet.
    """

    subject: int
    name: str
    at: int
    text: str


def as_operated(state: State, model: Model, others: Iterable[Statements]) -> Model:
    """The model with Switch.open, SwitchPhase.closed and Equipment.inService as they are now.

    Only what was reported is put in: in place of what the model states; and, where the object is
    described here and none of the `others` states it either, as a statement more.  The header stays
    that of the version in force.
    """
    edits = _Edits(state, model, tuple(others))
    for row in state.fit.on:
        edits.take(row)
    said = edits.found
    if not said and not edits.problems:
        return model
    texts, [_, text_rows] = union([model.texts, _terms(edit.text for edit in said)])
    names, [_, name_rows] = union([model.names, _terms(edit.name for edit in said)])
    text_at = dict(zip(_distinct(e.text for e in said), text_rows.tolist(), strict=True))
    name_at = dict(zip(_distinct(e.name for e in said), name_rows.tolist(), strict=True))
    there = [edit for edit in said if edit.at >= 0]
    fresh = [edit for edit in said if edit.at < 0]
    target = model.object.copy()
    target[[edit.at for edit in there]] = [text_at[edit.text] for edit in there]
    return replace(
        model,
        names=names,
        texts=texts,
        subject=_longer(model.subject, [edit.subject for edit in fresh]),
        property=_longer(model.property, [name_at[edit.name] for edit in fresh]),
        kind=np.concatenate([model.kind, np.full(len(fresh), TEXT, np.uint8)]),
        object=_longer(target, [text_at[edit.text] for edit in fresh]),
        problems=(*model.problems, *edits.problems),
    )


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _terms(texts: Iterable[str]) -> Terms:
    return Terms.of(_distinct(texts))


def _longer(column: np.ndarray, values: list[int]) -> np.ndarray:
    return np.concatenate([column, np.array(values, np.int32)])


class _Edits:
    """Gathers what is to be stated otherwise."""

    def __init__(self, state: State, model: Model, others: tuple[Statements, ...]) -> None:
        self.state, self.model, self.others = state, model, others
        self.found: list[_Edit] = []
        self.problems: list[str] = []

    def take(self, row: int) -> None:
        """Say how an object is now that something was reported about."""
        grid = self.state.grid
        try:
            here = self.model.row(grid.objects.ids[row])
        except KeyError:
            return
        kinds = {kind for kind, _ in self.state.fit.on[row]}
        number = int(grid.switches.number[row])
        if "positions" in kinds and number >= 0:
            self._switch(here, number)
        if kinds & {"services", "connections"}:
            serving = self.state.fit.in_service(self.state.overlay, row)
            self._say(here, _SERVICE, serving)

    def _switch(self, here: int, number: int) -> None:
        switches = self.state.grid.switches
        bits = int(switches.bits[number])
        closed = self.state.fit.closed(self.state.overlay, number) & bits
        poles = list(self._poles(number))
        for pole, bit in poles:
            self._say(pole, _CLOSED, bool(closed & bit))
        self._say(here, _OPEN, not closed)
        if closed not in (0, bits) and not poles:
            self.problems.append(
                f"{self.model.ids[here]} is open on some phases only; the model has no SwitchPhase "
                "that could say so."
            )

    def _poles(self, number: int) -> Iterator[tuple[int, int]]:
        """The poles of a switch that this model describes, and the bit of each."""
        poles, ids = self.state.grid.switches.poles, self.state.grid.objects.ids
        for at in np.flatnonzero(poles.switch == number).tolist():
            try:
                yield self.model.row(ids[int(poles.row[at])]), int(poles.one[at])
            except KeyError:
                continue

    def _say(self, subject: int, local: str, value: bool) -> None:
        model = self.model
        rows = model.rows(local)
        rows = rows[(model.subject[rows] == subject) & (model.kind[rows] == TEXT)]
        if len(rows):
            before = model.text(int(model.object[rows[-1]]))
            if (before.strip().lower() == "true") != value:
                text = str(value) if before[:1].isupper() else str(value).lower()
                name = model.names[int(model.property[rows[-1]])]
                self.found.append(_Edit(subject, name, int(rows[-1]), text))
        elif (name := self._name(subject, local)) and not self._elsewhere(subject, local):
            self.found.append(_Edit(subject, name, -1, str(value).lower()))

    def _name(self, subject: int, local: str) -> str:
        """The IRI of a property in the namespace of the class that the model states."""
        model = self.model
        typed = np.flatnonzero((model.subject == subject) & (model.kind == TYPE))
        if not len(typed):
            return ""
        space, mark, _ = model.names[int(model.object[typed[0]])].rpartition("#")
        return f"{space}{mark}{local}"

    def _elsewhere(self, subject: int, local: str) -> bool:
        """Whether another model in force states this property."""
        mrid = self.model.mrid(subject)
        for other in self.others:
            row = other.ids.find(mrid)
            if row >= 0 and int(other.stands[row]) in other.value(local)[0]:
                return True
        return False
