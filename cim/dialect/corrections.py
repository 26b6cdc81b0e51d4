"""What was corrected in a message: where, from what and to what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from lxml import etree

from cim.places import place_of

KEPT = 20
"""Places that are told of one tolerance; the others are counted."""

LONGEST = 200
"""Characters that are kept of what was there and of what is there now."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a tolerance is about to do to `element`; `after` is empty for what goes away."""

    element: etree._Element
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What a tolerance must know beside the tree.

    zone:   of times that name none.
    format: of times that are not ISO 8601, for `datetime.strptime`; "": nobody has said it.
    codes:  the sender's own event codes -> EndDeviceEventType.
    noun:   what the header says, for a payload that has been taken out of its envelope.
    header: that header, for the same.
    """

    zone: tzinfo
    format: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    noun: str = ""
    header: etree._Element | None = None


Tolerance = Callable[[etree._Element, Frame], Iterator[Change]]
"""Yields each change just before it makes it: whoever stops iterating stops it.

The root is that of an envelope, generic or strongly typed, or a noun by itself.
"""


@dataclass(frozen=True, slots=True)
class Note:
    """One correction; xpath and line are those of the document as it came."""

    xpath: str
    line: int | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What one tolerance did to a message; `notes` are the first `KEPT` of its `times`."""

    tolerance: str
    times: int
    notes: tuple[Note, ...]


@dataclass
class Corrections:
    """Collects what is corrected.  prefix: the path to a document inside the one that came."""

    prefix: str = ""
    _times: dict[str, int] = field(default_factory=dict)
    _notes: dict[str, list[Note]] = field(default_factory=dict)

    def add(self, tolerance: str, change: Change) -> None:
        times = self._times[tolerance] = self._times.get(tolerance, 0) + 1
        # Later ones only count: finding a place takes as long as there are elements before it.
        if times <= KEPT:
            line, xpath = place_of(change.element)
            note = Note(
                f"{self.prefix}{xpath}", line, change.before[:LONGEST], change.after[:LONGEST]
            )
            self._notes.setdefault(tolerance, []).append(note)

    def all(self) -> tuple[Correction, ...]:
        """In the order in which the tolerances were first applied."""
        return tuple(
            Correction(name, times, tuple(self._notes[name])) for name, times in self._times.items()
        )
