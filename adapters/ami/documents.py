"""EndDeviceEvents and MeterReadings (IEC 61968-9) in XML files: the bare noun, or inside the
envelope of IEC 61968-100, which may come with that of SOAP around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml import etree

from cim import envelope, parse, validation, xml
from cim.dialect import DEFAULT, Correction, Dialect, correct, hinted
from cim.dialect.parts import local_name
from cim.message import Fault, Message, Verb
from cim.profile import Profile
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.meter_readings import IntervalReading, MeterReading, MeterReadings, Reading
from cim.violation import Refusal

Said = EndDeviceEvents | MeterReadings

MOST = 10_000
"""So many wrong ones of a file are looked at one by one; with more it is refused."""

_EVENT, _READING = "EndDeviceEvent", "MeterReading"
_VERBS: Mapping[type[Profile], tuple[Verb, ...]] = {
    EndDeviceEvents: (Verb.CREATED,),
    MeterReadings: (Verb.CREATED, Verb.REPLY),
}


@dataclass(frozen=True)
class Element:
    """One event or one meter's readings of a file (`hub.interfaces.Excerpt`).

    said:    the noun with it alone, and with what explains the codes in it.
    message: the whole that it came in; None without an envelope.
    renewed: whether the codes of events are no more those of the sender.
    """

    origin: str
    said: Said
    message: Message | None = None
    corrections: Sequence[Correction] = ()
    renewed: bool = False

    @property
    def correlation_id(self) -> str | None:
        """Of the request that it answers."""
        return self.message.header.correlation_id if self.message else None

    @property
    def raw(self) -> bytes:
        """It as a bare noun."""
        return etree.tostring(xml.encode(self.said))

    @property
    def alone(self) -> bytes:
        """It as a file of its own, in the envelope that it came in."""
        if self.message is None:
            return self.raw
        return envelope.write(replace(self.message, payload=self.said))


@dataclass(frozen=True)
class WrongElement:
    """One that cannot be read.  raw: it as a file of its own, in what was around it."""

    origin: str
    raw: bytes
    refusal: Refusal


def elements(
    name: str, data: bytes, dialect: Dialect = DEFAULT
) -> Sequence[Element | WrongElement]:
    """The events or readings of the document `name`.

    What was corrected is said with the first of them; of a document in which one is wrong, with
    each.
    Raises: Refusal for a document that would be wrong whatever stood in it; its text names line,
        XPath and rule.
    """
    root = parse.parse(data)
    try:
        found = _read(root, dialect)
    except Refusal as refusal:
        # anew, for what was corrected before the refusal has changed the tree
        return list(_one_by_one(name, parse.parse(data), dialect, refusal))
    return [
        found.element(f"{name} {kind} {number}", said, first=number == 1)
        for number, (kind, said) in enumerate(_parted(found.said), 1)
    ]


@dataclass(frozen=True)
class _Document:
    said: Said
    message: Message | None
    corrections: Sequence[Correction]

    def element(self, origin: str, said: Said, *, first: bool) -> Element:
        renewed = any(one.tolerance == "first-edition-events" for one in self.corrections)
        return Element(origin, said, self.message, self.corrections if first else (), renewed)


def _read(root: etree._Element, dialect: Dialect) -> _Document:
    """All of a document.  Raises: Refusal."""
    root, corrections = correct(root, dialect)
    with hinted(root, dialect):
        return _Document(*_payload(root), corrections)


def _payload(root: etree._Element) -> tuple[Said, Message | None]:
    if any(root.tag == f"{{{noun.namespace}}}{noun.__name__}" for noun in _VERBS):
        if found := validation.violations(root):
            raise Refusal(found)
        payload, message = xml.decode(root), None
    else:
        read = envelope.read_element(root)
        if isinstance(read, Fault):
            raise Refusal.of("2.9", "the file must hold created EndDeviceEvents or MeterReadings")
        payload, message = read.payload, read  # type: ignore[assignment]
    if not isinstance(payload, EndDeviceEvents | MeterReadings):
        raise Refusal.of("2.5", "the payload must be EndDeviceEvents or MeterReadings", line=1)
    if message is not None and message.header.verb not in (verbs := _VERBS[type(payload)]):
        rule = f"the file must hold {' or '.join(verbs)} {type(payload).__name__}"
        raise Refusal.of("2.9", rule, line=1)
    return payload, message


def _parted(said: Said) -> Iterator[tuple[str, Said]]:
    """Each of them alone, and what it is called."""
    if isinstance(said, EndDeviceEvents):
        yield from (
            ("event", EndDeviceEvents(end_device_event=(e,))) for e in said.end_device_event
        )
        return
    for one in said.meter_reading:
        codes = Codes.of(one)
        yield (
            "reading",
            MeterReadings(
                meter_reading=(one,),
                reading_type=tuple(k for k in said.reading_type if k.mrid in codes.types),
                reading_quality_type=tuple(
                    k for k in said.reading_quality_type if k.mrid in codes.qualities
                ),
                end_device_event_type=tuple(
                    k for k in said.end_device_event_type if k.mrid in codes.events
                ),
            ),
        )


class Codes(NamedTuple):
    """The codes in the readings of one meter, as they came."""

    types: frozenset[str]
    qualities: frozenset[str]
    events: frozenset[str]

    @classmethod
    def of(cls, reading: MeterReading) -> Codes:
        values: list[Reading | IntervalReading] = list(reading.readings)
        values += (v for b in reading.interval_blocks for v in b.interval_readings)
        scaled = (b.pending_calculation for b in reading.interval_blocks)
        return cls(
            frozenset(
                one.reading_type
                for one in (*reading.readings, *reading.interval_blocks, *scaled)
                if one is not None
            ),
            frozenset(
                quality.reading_quality_type
                for value in values
                for quality in value.reading_qualities
            ),
            frozenset(event.end_device_event_type for event in reading.end_device_events),
        )


# -- where something in it is wrong


def _one_by_one(
    name: str, root: etree._Element, dialect: Dialect, refusal: Refusal
) -> Iterator[Element | WrongElement]:
    """Each by itself.

    Raises: Refusal, when what is around them is wrong; `refusal`, when there is none, or when too
        many are wrong.
    """
    first = next(root.iter(*(f"{{*}}{one}" for one in _STUBS)), None)
    if first is None or first.getparent() is None:
        raise refusal
    kind = "event" if local_name(first) == _EVENT else "reading"
    around, found = _emptied(root, first)
    if isinstance(wrong := around.tried(_STUBS[local_name(first)](first), dialect), Refusal):
        raise wrong
    wrong_ones = 0
    for number, element in enumerate(found, 1):
        origin = f"{name} {kind} {number}"
        tried = around.tried(element, dialect)
        if isinstance(tried, _Document):
            [(_, said)] = _parted(tried.said)
            yield tried.element(origin, said, first=True)
            continue
        if (wrong_ones := wrong_ones + 1) > MOST:
            raise refusal
        yield WrongElement(origin, etree.tostring(around.holding(element)), tried)


def _emptied(
    root: etree._Element, first: etree._Element
) -> tuple[_Around, Sequence[etree._Element]]:
    """What is left of a document without `first` and its like, and those."""
    box = first.getparent()
    assert box is not None  # noqa: S101 - it is not the root
    place, found = box.index(first), [one for one in box if one.tag == first.tag]
    for one in found:
        box.remove(one)
    return _Around(root, box, place), found


class _Around:
    """A document without its events or readings.

    place: of the first of them in `box`.
    """

    def __init__(self, root: etree._Element, box: etree._Element, place: int) -> None:
        self._root = root
        self._place = place
        self._path = root.getroottree().getelementpath(box)

    def holding(self, element: etree._Element) -> etree._Element:
        """The document with a copy of one of them, which keeps its line."""
        whole = deepcopy(self._root)
        box = whole if self._path == "." else whole.find(self._path)
        assert box is not None  # noqa: S101 - where it was in the original
        box.insert(self._place, deepcopy(element))
        return whole

    def tried(self, element: etree._Element, dialect: Dialect) -> _Document | Refusal:
        try:
            return _read(self.holding(element), dialect)
        except Refusal as refusal:
            return refusal


def _stub_event(like: etree._Element) -> etree._Element:
    """An event with which nothing is wrong, in the namespaces of another."""
    space = etree.QName(like[0] if len(like) else like).namespace
    event = etree.Element(like.tag)
    etree.SubElement(event, f"{{{space}}}createdDateTime").text = "2000-01-01T00:00:00Z"
    etree.SubElement(event, f"{{{space}}}EndDeviceEventType", ref="3.0.0.0")
    return event


def _stub_reading(like: etree._Element) -> etree._Element:
    return etree.Element(like.tag)


_STUBS: dict[str, Callable[[etree._Element], etree._Element]] = {
    _EVENT: _stub_event,
    _READING: _stub_reading,
}
