"""Differences between versions of a model (IEC 61970-552, dm:DifferenceModel).

A difference says what a version does not say any more (reverse), what it says instead (forward),
and what must hold (preconditions), statement by statement; a class is a statement like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, NoReturn

import numpy as np

from cim.model import lineage
from cim.model.header import Header
from cim.model.model import LINK, TEXT, TYPE, Model
from cim.model.sets import aligned, common, compact, minus, plus
from cim.model.strict import PARTS, Content
from cim.model.terms import key
from cim.violation import Refusal, Violation

NOT_APPLICABLE = "2.29"
_MOST = 100
"""So many sentences tell what is wrong; a difference to another model may have millions."""


class Change(NamedTuple):
    """New values of a property of an object that stays.

    old, new: values as written; nothing where there were or are none.
    """

    subject: str
    property: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Difference:
    """What turns a version of a model into the next.

    header:        its identity and Supersedes are those of the next version.
    preconditions: statements that the version must make.
    reverse:       statements that it must make, and that the next makes no more.
    forward:       statements that the next makes.
    """

    header: Header | None = None
    preconditions: Model = field(default_factory=Model.empty)
    reverse: Model = field(default_factory=Model.empty)
    forward: Model = field(default_factory=Model.empty)
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(len(self.reverse) or len(self.forward))

    def apply(self, base: Model, *, supersedes: bool = True) -> Model:
        """The version that comes of `base`.

        What the difference adds and `base` says already is told in the problems of the result.

        supersedes: whether the header must name `base` in Supersedes; False for files without
                    headers, and for those whose headers say otherwise.
        Raises: Refusal with all violations: another version is superseded, statements are missing.
        """
        parts = (base, self.preconditions, self.reverse, self.forward)
        base, wanted, reverse, forward = aligned(parts)
        violations = lineage.unfit(self.header, base.header) if supersedes else []
        violations += _missing(base, wanted, "requires")
        violations += _missing(base, reverse, "removes")
        if violations:
            _refuse(violations)
        kept = minus(base, reverse)
        known = common(forward, kept)
        said = plus(kept, replace(forward, problems=()))
        problems = _sentences(known, "The difference adds what the model says already: {}.")
        header = lineage.result(self.header, base.header)
        return compact(replace(said, header=header, problems=(*self.problems, *problems)))

    def invert(self) -> Difference:
        """What takes this difference back."""
        wanted = minus(self.preconditions, self.reverse)
        header = lineage.inverse(self.header)
        return Difference(header, part(wanted), self.forward, self.reverse, self.problems)

    def added(self) -> list[tuple[str, str]]:
        """Class and identity of the objects that are new."""
        return _objects(self.forward, self.reverse)

    def removed(self) -> list[tuple[str, str]]:
        """Class and identity of the objects that are gone."""
        return _objects(self.reverse, self.forward)

    def changed(self) -> list[Change]:
        """The properties that objects which stay have other values of."""
        there = {key(identity) for _, identity in (*self.added(), *self.removed())}
        values: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
        for side, model in enumerate((self.reverse, self.forward)):
            for subject, name, _, value in model.statements():
                if key(subject) not in there:
                    values.setdefault((subject, name), ([], []))[side].append(value)
        return [
            Change(*of, tuple(sorted(old)), tuple(sorted(new)))
            for of, (old, new) in sorted(values.items())
        ]


def of(content: Content) -> Difference:
    """The difference that a document holds; parts that it does not have are empty.

    Raises: Refusal, when it is a full model.
    """
    header = content.header
    if header is None or not header.is_difference:
        raise Refusal.of("1.8", "The document is no difference model: it has no such header.")
    if len(content.builder.model()):
        raise Refusal.of("1.8", "Objects stand beside the difference model; it has to be alone.")
    parts = (content.parts.get(name) for name in PARTS)
    wanted, reverse, forward = (part(p.model()) if p else Model.empty() for p in parts)
    problems = (*wanted.problems, *reverse.problems, *forward.problems)
    return Difference(header, wanted, reverse, forward, problems)


def between(old: Model, new: Model, header: Header | None = None) -> Difference:
    """What turns `old` into `new`.

    header: of the difference; without it one that follows from the headers of the versions.
    """
    before, after = aligned((old, new))
    header = header or lineage.between(old.header, new.header)
    reverse, forward = minus(before, after), minus(after, before)
    return Difference(header, reverse=part(reverse), forward=part(forward))


def compose(first: Difference, second: Difference, *, supersedes: bool = True) -> Difference:
    """The one difference that does what `first` and then `second` do.

    What `first` takes away and `second` brings back, or the other way round, is in neither part;
    the former becomes a precondition.  On a version on which both can be applied one after the
    other, and without problems, the result is the same.

    supersedes: whether `second` must name `first` in Supersedes.
    Raises: Refusal, when `second` cannot come after `first`.
    """
    violations = lineage.unfit(second.header, first.header) if supersedes else []
    needed = minus(plus(second.preconditions, second.reverse), first.forward)
    gone = common(needed, minus(first.reverse, first.forward))
    violations += _said(gone, "The second difference needs what the first removes: {}.")
    if violations:
        _refuse(violations)
    reverse = plus(first.reverse, minus(second.reverse, first.forward))
    forward = plus(minus(first.forward, second.reverse), second.forward)
    back = common(reverse, forward)
    wanted = plus(first.preconditions, minus(second.preconditions, first.forward), back)
    return Difference(
        lineage.composed(first.header, second.header),
        part(wanted),
        part(minus(reverse, back)),
        part(minus(forward, back)),
        (*first.problems, *second.problems),
    )


def part(model: Model) -> Model:
    """A model as one part of a difference: only what it speaks of, no header.

    An object is created (rdf:ID) only where its class is among the statements.
    """
    typed = np.zeros(len(model.ids), np.bool_)
    typed[model.subject[model.kind == TYPE]] = True
    return compact(replace(model, header=None, born=model.born & typed))


def sentence(subject: str, name: str, kind: int, value: str) -> str:
    """A statement in words."""
    local = name.rpartition("#")[2]
    if kind == TYPE:
        return f"{subject} is a {value.rpartition('#')[2]}"
    if kind == LINK:
        return f"{local} of {subject} is {value}"
    return f"{local} of {subject} is {value.partition(chr(0))[0]!r}"


def _objects(model: Model, other: Model) -> list[tuple[str, str]]:
    """Class and identity of the objects that only `model` says the class of."""
    typed = other.of(other.kind == TYPE)
    known = {key(subject) for subject, *_ in typed.statements()}
    found = (
        (value.rpartition("#")[2], subject)
        for subject, _, _, value in model.of(model.kind == TYPE).statements()
        if key(subject) not in known
    )
    return sorted(found)


def _missing(base: Model, wanted: Model, verb: str) -> list[Violation]:
    """What a difference relies on and `base` does not say; both are aligned."""
    missing = minus(wanted, base)
    if not len(missing):
        return []
    instead = _values(base, missing)
    found = []
    for statement in _first(missing):
        subject, name, _, _ = statement
        others = instead.get((subject, name), [])
        rule = f"The difference {verb} what the model does not say: {sentence(*statement)}"
        rule += f"; the model has {' and '.join(others)}." if others else "."
        found.append(Violation(code=NOT_APPLICABLE, rule=rule, value=statement[3][:80]))
    return found + _more(missing)


def _values(base: Model, missing: Model) -> dict[tuple[str, str], list[str]]:
    """What `base` says of the subjects and properties of `missing`; both are aligned."""
    width = len(base.names)
    wanted = missing.subject[:_MOST].astype(np.int64) * width + missing.property[:_MOST]
    here = np.isin(base.subject.astype(np.int64) * width + base.property, wanted)
    found: dict[tuple[str, str], list[str]] = {}
    for subject, name, kind, value in compact(base.of(here)).statements():
        shown = repr(value.partition("\0")[0]) if kind == TEXT else value
        found.setdefault((subject, name), []).append(shown)
    return found


def _first(model: Model) -> Iterator[tuple[str, str, int, str]]:
    """So many statements as are worth telling; only these are spelled out."""
    return compact(model.of(np.arange(len(model)) < _MOST)).statements()


def _sentences(model: Model, frame: str) -> list[str]:
    told = [frame.format(sentence(*statement)) for statement in _first(model)]
    return told + [violation.rule for violation in _more(model)]


def _said(model: Model, frame: str) -> list[Violation]:
    return [Violation(code=NOT_APPLICABLE, rule=rule) for rule in _sentences(model, frame)]


def _more(model: Model) -> list[Violation]:
    if len(model) <= _MOST:
        return []
    return [Violation(code=NOT_APPLICABLE, rule=f"The same of {len(model) - _MOST} more.")]


def _refuse(violations: Sequence[Violation]) -> NoReturn:
    raise Refusal(tuple(violations))
