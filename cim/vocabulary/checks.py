"""The rules, each over whole columns; a hit is one rule, one property and the objects it hits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cim.model.model import LINK, TEXT, TYPE
from cim.model.terms import Bools, Ints
from cim.vocabulary import literals
from cim.vocabulary.facts import Property
from cim.vocabulary.ground import Column, Ground

SPELLED_OUT = 100
"""How many unknown names are reported one by one."""

_UNTYPED = "its class is not stated, so what it must and may have is not checked."
Counts = NDArray[np.signedinteger[Any]]
Say = Callable[[int], tuple[str, str]]
"""What is wrong with the n-th object of a hit, as the end of a sentence; and the value."""


class Hit(NamedTuple):
    """Objects (rows of `ids`) that break one rule in one property."""

    rule: str
    name: str
    subjects: Ints
    say: Say


def all_hits(ground: Ground) -> Iterator[Hit]:
    """Everything that the rules find, property by property."""
    yield from classes(ground)
    yield from unknown_classes(ground)
    yield from unknown_properties(ground)
    for column in ground.columns():
        for check in COLUMN_CHECKS:
            yield from check(ground, column)
    yield from numbers(ground)


# -- classes and names


def classes(ground: Ground) -> Iterator[Hit]:
    """Classes that have no objects or that no claimed profile has."""
    for name in ground.known_classes:
        known = ground.vocabulary.classes[name]
        if ground.vocabulary.is_outside(known):
            text = _outside(ground, name)
            yield _fixed("outside-profile", name, ground.objects_of(name), text)
        elif known.concrete is False and not known.compound:
            text = f"{name} is abstract: no object is just that."
            yield _fixed("abstract", name, ground.objects_of(name), text)


def unknown_classes(ground: Ground) -> Iterator[Hit]:
    """Classes that the vocabulary does not have; and objects of which none is stated."""
    known, version = ground.known_classes, ground.vocabulary.name
    unknown = [at for at, name in enumerate(ground.class_names) if name not in known]
    for at in unknown[:SPELLED_OUT]:
        name = ground.class_names[at]
        text = f"{name} is no class of {version}."
        yield _fixed("unknown-class", name, _rows(ground.class_of == at), text)
    if rest := unknown[SPELLED_OUT:]:
        first = ground.class_names[rest[0]]
        text = f"{len(rest):,} more classes are none of {version}; the first is {first}."
        yield _fixed("unknown-class", "", _rows(np.isin(ground.class_of, rest)), text)
    nameless = _rows(ground.spoken & (ground.class_of < 0))
    yield _fixed("untyped", "", nameless, _UNTYPED)


def unknown_properties(ground: Ground) -> Iterator[Hit]:
    known, version = ground.vocabulary.properties, ground.vocabulary.name
    unknown = [name for name in ground.property_rows if name not in known]
    for name in unknown[:SPELLED_OUT]:
        text = f"{name} is no property of {version}."
        yield _fixed("unknown-property", name, _subjects(ground, ground.model.rows(name)), text)
    if rest := unknown[SPELLED_OUT:]:
        names = [row for name in rest for row in ground.property_rows[name]]
        statements = _rows(np.isin(ground.model.property, names))
        text = f"{len(rest):,} more properties are none of {version}; the first is {rest[0]}."
        yield _fixed("unknown-property", "", _subjects(ground, statements), text)


def _subjects(ground: Ground, statements: Ints) -> Ints:
    """Of what these statements speak, but for those that state a class."""
    told = statements[ground.model.kind[statements] != TYPE]
    return np.unique(ground.model.subject[told])


def _rows(which: Bools) -> Ints:
    return np.flatnonzero(which).astype(np.int32)


def wrong_class(ground: Ground, column: Column) -> Iterator[Hit]:
    """A property of an object whose class does not have it."""
    of = column.of
    wrong = ground.without(column.subjects, (of.domain,))
    subjects = column.subjects[wrong]

    def say(n: int) -> tuple[str, str]:
        name = ground.model.class_name(int(subjects[n]))
        return f"{name} has no {of.name}; it belongs to {of.domain}.", ""

    yield Hit("wrong-class", of.name, subjects, say)


def profile(ground: Ground, column: Column) -> Iterator[Hit]:
    """What the claimed profiles do not have, or have from the other end, or elsewhere."""
    of = column.of
    if not ground.vocabulary.claimed:
        return
    if ground.vocabulary.is_outside(of):
        text = _outside(ground, of.name)
        yield _fixed("outside-profile", of.name, column.subjects, text)
    elif not of.used:
        text = f"{of.name} is the end that is not written; {of.inverse or 'the other one'} is."
        yield _fixed("other-end", of.name, column.subjects, text)
    yield from _namespace(ground, column)


def _namespace(ground: Ground, column: Column) -> Iterator[Hit]:
    of, names = column.of, ground.model.names
    spaces = {row: names[row].removesuffix(of.name) for row in ground.property_rows[of.name]}
    known = ground.vocabulary.namespaces - {of.namespace}
    strange = [row for row, namespace in spaces.items() if namespace in known]
    for row in strange:  # no more than the vocabulary has namespaces
        here = ground.model.property[column.statements] == row
        text = f"{of.name} stands in {spaces[row]}; it belongs to {of.namespace}."
        yield _fixed("namespace", of.name, column.subjects[here], text)


# -- how many


def too_many(_ground: Ground, column: Column) -> Iterator[Hit]:
    of = column.of
    if of.most is None or not of.used:
        return
    ordered = np.sort(column.subjects)
    if of.most and not (ordered[of.most :] == ordered[: -of.most]).any():
        return
    subjects, counts = np.unique(column.subjects, return_counts=True)
    yield _counted(
        "too-many", of, subjects, counts, counts > of.most, f"no more than {of.most} may be given"
    )


def numbers(ground: Ground) -> Iterator[Hit]:
    """What must be there and is not; and what others may say of an object, counted there."""
    demands: dict[str, list[tuple[str, int]]] = {}
    for kind in ground.known_classes:
        for name, least in ground.vocabulary.mandatory(kind).items():
            demands.setdefault(name, []).append((kind, least))
    for name, kinds in demands.items():
        of = ground.vocabulary.properties[name]
        if of.used:
            yield from _missing(ground, of, _said_of(ground, of), kinds)
        elif (links := _from_other_end(ground, of)) is not None:
            yield from _missing(ground, of, links, kinds)
    for of in ground.vocabulary.properties.values():
        if not of.used and of.most is not None:
            yield from _too_many_others(ground, of)


def _said_of(ground: Ground, of: Property) -> Ints:
    """The subjects of a property; where no profile tells which end to write, by either end."""
    subjects = ground.column(of).subjects
    inverse = ground.vocabulary.properties.get(of.inverse)
    if inverse is None or ground.vocabulary.claimed:
        return subjects
    return np.concatenate([subjects, ground.column(inverse).linked])


def _missing(
    ground: Ground, of: Property, subjects: Ints, demands: list[tuple[str, int]]
) -> Iterator[Hit]:
    counts = np.bincount(subjects, minlength=len(ground.model.ids))
    for kind, least in demands:
        objects = ground.objects_of(kind)
        few = counts[objects] < least
        yield _counted(
            "missing", of, objects, counts[objects], few, f"at least {least} must be given"
        )


def _from_other_end(ground: Ground, of: Property) -> Ints | None:
    """At what the inverse of this property points; None where documents cannot be expected to
    hold it."""
    inverse = ground.vocabulary.properties.get(of.inverse)
    if inverse is None or not inverse.used or ground.vocabulary.is_outside(inverse):
        return None
    return ground.column(inverse).linked


def _too_many_others(ground: Ground, of: Property) -> Iterator[Hit]:
    links = _from_other_end(ground, of)
    if links is None or of.most is None or not len(links):
        return
    objects, counts = np.unique(links, return_counts=True)
    yield _counted(
        "too-many", of, objects, counts, counts > of.most, f"no more than {of.most} may be given"
    )


def _counted(
    rule: str, of: Property, objects: Ints, counts: Counts, wrong: Bools, limit: str
) -> Hit:
    found, numbers_ = objects[wrong], counts[wrong]
    other = "" if of.used else f" (it is written as {of.inverse})"

    def say(n: int) -> tuple[str, str]:
        number = int(numbers_[n])
        if not number:
            return f"{of.name}{other} is missing; it is mandatory.", ""
        values = "1 value" if number == 1 else f"{number} values"
        return f"{of.name}{other} has {values}; {limit}.", str(number)

    return Hit(rule, of.name, found.astype(np.int32), say)


# -- values


def text_values(ground: Ground, column: Column) -> Iterator[Hit]:
    """Literals: of the right form, and where no reference belongs."""
    of, kinds = column.of, ground.kinds(column.of)
    here = column.kinds == TEXT
    if kinds.unknown or not here.any():
        return
    subjects, texts = column.subjects[here], column.objects[here]
    if not kinds.literals:
        why = f"; a reference to {_either(of.types)} is expected, not text"
        yield _texts(ground, "form", of, subjects, texts, why)
    elif all(literals.is_checked(base) for _, base in kinds.literals):
        bases = [base for _, base in kinds.literals]
        wrong = np.isin(texts, _unfit(ground, np.unique(texts), bases))
        names = [n if n == base else f"{n} ({base})" for n, base in kinds.literals]
        example = literals.EXAMPLES.get(bases[0])
        why = f", which is no {_either(names)}" + (f": {example}" if example else "")
        yield _texts(ground, "datatype", of, subjects[wrong], texts[wrong], why)


def _unfit(ground: Ground, texts: Ints, bases: list[str]) -> Ints:
    for base in dict.fromkeys(bases):
        texts = np.array(literals.unfit(ground.model.texts, texts, base), np.int32)
    return texts


def _texts(ground: Ground, rule: str, of: Property, subjects: Ints, texts: Ints, why: str) -> Hit:
    def say(n: int) -> tuple[str, str]:
        value = _short(ground.model.text(int(texts[n])))
        return f"{of.name} is {value!r}{why}.", value

    return Hit(rule, of.name, subjects, say)


def references(ground: Ground, column: Column) -> Iterator[Hit]:
    """References: to a value of the enumeration, or to an object of the class."""
    of, kinds = column.of, ground.kinds(column.of)
    here = column.kinds == LINK
    if kinds.unknown or not here.any():
        return
    subjects, objects = column.subjects[here], column.objects[here]
    if kinds.enumerations and not kinds.classes:
        yield _enumeration(ground, of, subjects, objects, kinds.enumerations)
    elif kinds.classes and not kinds.enumerations:
        yield _target(ground, of, subjects, objects, kinds.classes)
        yield _dangling(ground, of, subjects, objects)
    elif not kinds.classes and not any(base in literals.IRIS for _, base in kinds.literals):
        why = f"; a literal ({_either(of.types)}) is expected, not a reference"
        yield _links(ground, "form", of, subjects, objects, why)


def _enumeration(
    ground: Ground, of: Property, subjects: Ints, objects: Ints, enumerations: list[str]
) -> Hit:
    allowed = ground.enumeration_values(enumerations)
    names, places = ground.target_locals(objects)
    wrong = np.array([name not in allowed for name in names], np.bool_)[places]
    why = f", which is no value of {_either(enumerations)}"
    return _links(ground, "enumeration", of, subjects[wrong], objects[wrong], why)


def _target(ground: Ground, of: Property, subjects: Ints, objects: Ints, targets: list[str]) -> Hit:
    wrong = ground.without(objects, targets)
    subjects, objects = subjects[wrong], objects[wrong]

    def say(n: int) -> tuple[str, str]:
        row = int(objects[n])
        kind, value = ground.model.class_name(row), _short(ground.model.ids[row])
        return f"{of.name} refers to the {kind} {value}; {_either(targets)} is expected.", value

    return Hit("target-class", of.name, subjects, say)


def _dangling(ground: Ground, of: Property, subjects: Ints, objects: Ints) -> Hit:
    lost = ~ground.spoken[objects]
    why = ", which the model does not hold"
    return _links(ground, "dangling", of, subjects[lost], objects[lost], why)


def _links(ground: Ground, rule: str, of: Property, subjects: Ints, objects: Ints, why: str) -> Hit:
    def say(n: int) -> tuple[str, str]:
        value = _short(ground.model.ids[int(objects[n])])
        return f"{of.name} refers to {value}{why}.", value

    return Hit(rule, of.name, subjects, say)


COLUMN_CHECKS = (wrong_class, profile, too_many, text_values, references)


# -- words


def _fixed(rule: str, name: str, subjects: Ints, text: str) -> Hit:
    return Hit(rule, name, subjects, lambda _: (text, ""))


def _outside(ground: Ground, name: str) -> str:
    version, claimed = ground.vocabulary.name, sorted(ground.vocabulary.claimed)
    if len(claimed) == 1:
        return f"{name} of {version} is not in the profile {claimed[0]}."
    return f"{name} of {version} is in none of the profiles {', '.join(claimed)}."


def _either(names: list[str] | tuple[str, ...]) -> str:
    return " or ".join(dict.fromkeys(names))


def _short(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
