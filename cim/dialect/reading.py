"""Read a message as its sender speaks: correct what is tolerated, refuse what is not."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from cim import envelope
from cim.dialect.corrections import Change, Correction, Corrections, Frame
from cim.dialect.dialect import DEFAULT, TOLERANCES, USUAL, Dialect
from cim.dialect.parts import child, header_text
from cim.envelope.aliases import spaced, theirs
from cim.envelope.compression import pack, unpack
from cim.envelope.edition2 import is_edition_2
from cim.message import Fault, Message
from cim.parse import MESSAGE, Limits, parse, parsed
from cim.places import local_name, place_of, xpath_of
from cim.profiles.network_models import NetworkModels
from cim.violation import Refusal


class Read(NamedTuple):
    """A message, and what was corrected in it."""

    message: Message | Fault
    corrections: tuple[Correction, ...]


def read(data: bytes, dialect: Dialect = DEFAULT, limits: Limits = MESSAGE) -> Read:
    """The message in `data`, generic or strongly typed.  Raises: Refusal."""
    root, plain = parsed(data, limits, spaced())
    corrections = correct(root, dialect, limits)
    # what was corrected is no more as it came
    return Read(envelope.read_element(root, limits, None if corrections else plain), corrections)


def read_element(
    root: etree._Element, dialect: Dialect = DEFAULT, limits: Limits = MESSAGE
) -> Read:
    """The message of an element that `cim.parse` made; `root` is changed in place.

    Raises: Refusal.
    """
    corrections = correct(root, dialect, limits)
    return Read(envelope.read_element(root, limits), corrections)


def correct(
    root: etree._Element, dialect: Dialect = DEFAULT, limits: Limits = MESSAGE
) -> tuple[Correction, ...]:
    """Put right, in place, what `dialect` tolerates, in an envelope or in a noun by itself.

    Raises: Refusal for what the schema check would pass over though it is not tolerated, and for
    a compressed payload that cannot be unpacked.
    """
    if dialect.edition2 is not None and is_edition_2(root):
        dialect.edition2.to_edition_1(root)
    theirs(root)
    done = Corrections()
    _apply(root, dialect, Frame(dialect.zone), done)
    packed = child(child(root, "Payload"), "Compressed")
    noun = "" if packed is None else header_text(root, "Noun")
    # Models are tens of megabytes, and documents of their own.
    if packed is not None and noun != NetworkModels.__name__:
        inner = parse(unpack(packed.text or "", limits.bytes), limits)
        theirs(inner)
        inside = Corrections(prefix=xpath_of(packed))
        _apply(inner, dialect, Frame(dialect.zone, noun), inside)
        if inside.all():
            packed.text = pack([etree.tostring(inner)])
        return (*done.all(), *inside.all())
    return done.all()


def _apply(root: etree._Element, dialect: Dialect, frame: Frame, done: Corrections) -> None:
    for name in USUAL:
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
