"""Read a message as its sender speaks: correct what is tolerated, refuse what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from cim import envelope
from cim.dialect.corrections import Change, Correction, Corrections, Frame
from cim.dialect.dialect import DEFAULT, SOAP, TOLERANCES, UNSEEN, Dialect
from cim.dialect.hints import hinted
from cim.dialect.parts import child, header_text
from cim.dialect.soap import is_soap, message_in
from cim.envelope.aliases import spaced, theirs
from cim.envelope.compression import pack, unpack
from cim.envelope.edition2 import edition_of
from cim.envelope.payload import unpacked
from cim.hollow import Unpacked
from cim.message import Edition, Fault, Message
from cim.parse import MESSAGE, Limits, parse, parsed
from cim.places import local_name, place_of, xpath_of
from cim.plain import Elements
from cim.profiles.network_models import NetworkModels
from cim.violation import Refusal


class Read(NamedTuple):
    """A message, and what was corrected in it."""

    message: Message | Fault
    corrections: tuple[Correction, ...]


def read(data: bytes, dialect: Dialect = DEFAULT, limits: Limits = MESSAGE) -> Read:
    """The message in `data`, generic or strongly typed.  Raises: Refusal."""
    root, plain = parsed(data, limits, spaced())
    return _read(root, dialect, limits, plain)


def read_element(
    root: etree._Element, dialect: Dialect = DEFAULT, limits: Limits = MESSAGE
) -> Read:
    """The message of an element that `cim.parse` made; `root` is changed in place.

    Raises: Refusal.
    """
    return _read(root, dialect, limits, None)


def correct(
    root: etree._Element, dialect: Dialect = DEFAULT, limits: Limits = MESSAGE
) -> Corrected:
    """Put right, in place, what `dialect` tolerates, in an envelope or in a noun by itself.

    Raises: Refusal for what the schema check would pass over though it is not tolerated, and for
    a compressed payload that cannot be unpacked.
    """
    root, done = _opened(root, dialect)
    with hinted(root, dialect):
        found = _correct(root, dialect, limits, done)
    if found.models is not None and found.inside:
        packed = child(child(root, "Payload"), "Compressed")
        assert packed is not None  # noqa: S101 - from which the models came
        packed.text = pack(found.models.written())
    return Corrected(root, (*found.outside, *found.inside))


class Corrected(NamedTuple):
    """What has been put right.

    root: of the message; another than was given, when that stood in an envelope of SOAP.
    """

    root: etree._Element
    corrections: tuple[Correction, ...]


class _Corrected(NamedTuple):
    """What was corrected in an envelope, and in what came compressed in it.

    models: the latter, when it is network models: too large to be packed and unpacked again.
    """

    outside: tuple[Correction, ...]
    inside: tuple[Correction, ...] = ()
    models: Unpacked | None = None


def _read(root: etree._Element, dialect: Dialect, limits: Limits, plain: Elements | None) -> Read:
    root, done = _opened(root, dialect)
    edition = edition_of(root)
    with hinted(root, dialect):
        outside, inside, models = _correct(root, dialect, limits, done)
        # what was corrected is no more as it came
        plain = None if outside or inside else plain
        message = envelope.read_element(root, limits, plain, models)
    if isinstance(message, Message) and edition is not message.edition:
        message = replace(message, edition=edition)
    return Read(message, (*outside, *inside))


def _opened(root: etree._Element, dialect: Dialect) -> tuple[etree._Element, Corrections]:
    """The message, taken out of an envelope of SOAP if that is tolerated, with a note of that."""
    done = Corrections()
    if not is_soap(root) or SOAP not in dialect.tolerances:
        return root, done
    for change in TOLERANCES[SOAP](root, _frame(dialect)):
        done.add(SOAP, change)
    inside = message_in(root)
    body = inside.getparent()
    assert body is not None  # noqa: S101 - in which it was found
    done.prefix = xpath_of(body)
    # On its own, so that places in it are counted from it, as those of a SOAP call are.
    body.remove(inside)
    return inside, done


def _correct(
    root: etree._Element, dialect: Dialect, limits: Limits, done: Corrections
) -> _Corrected:
    """done: what was corrected around the message."""
    if dialect.edition2 is not None and edition_of(root) is Edition.SECOND:
        dialect.edition2.to_edition_1(root)
    theirs(root)
    _apply(root, dialect, _frame(dialect), done)
    packed = child(child(root, "Payload"), "Compressed")
    if packed is None:
        return _Corrected(done.all())
    noun = header_text(root, "Noun")
    frame = replace(_frame(dialect), noun=noun, header=child(root, "Header"))
    inside = Corrections(prefix=f"{done.prefix}{xpath_of(packed)}")
    if noun == NetworkModels.__name__:
        models = unpacked(packed)
        if models.around is not None:
            theirs(models.around)
            _apply(models.around, dialect, frame, inside)
        return _Corrected(done.all(), inside.all(), models)
    inner = parse(unpack(packed.text or "", limits.bytes), limits)
    theirs(inner)
    _apply(inner, dialect, frame, inside)
    if inside.all():
        packed.text = pack([etree.tostring(inner)])
    return _Corrected(done.all(), inside.all())


def _frame(dialect: Dialect) -> Frame:
    return Frame(dialect.zone, dialect.time_format, dialect.codes)


def _apply(root: etree._Element, dialect: Dialect, frame: Frame, done: Corrections) -> None:
    for name in UNSEEN:
        if name not in dialect.tolerances:
            for change in TOLERANCES[name](root, frame):
                raise _not_granted(name, change)
    for name in dialect.tolerances:
        for change in TOLERANCES[name](root, frame):
            done.add(name, change)


def _not_granted(name: str, change: Change) -> Refusal:
    line, xpath = place_of(change.element)
    rule = f"{local_name(change.element)} has {change.before!r} where {change.after!r} must be;"
    rule += f" the tolerance {name} is not granted to this sender."
    return Refusal.of("1.8", rule, line=line, xpath=xpath, value=change.before[:80])
