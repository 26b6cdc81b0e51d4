"""Dirt in times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from lxml import etree

from cim.dialect.corrections import Change, Frame
from cim.dialect.parts import nouns
from cim.places import place_of
from cim.validation import TIME, times_of
from cim.violation import Refusal

# In any namespace: strongly typed questions have their own.
_OF_ENVELOPE = ("{*}Timestamp", "{*}Created", "{*}StartTime", "{*}EndTime")
_ISO = re.compile(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}(T\S*)?|[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+]\S+)?"
)
_DIGIT = re.compile(r"[0-9]")  # without any it is no time in whatever format
_WITHOUT_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?")


def padded_time(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """White space around a time goes away."""
    for element in _times(root):
        text = element.text or ""
        if text != text.strip() and TIME.fullmatch(text):
            yield Change(element, text, text.strip())
            element.text = text.strip()


def time_without_zone(root: etree._Element, frame: Frame) -> Iterator[Change]:
    """A date and time that names no zone is one of the sender's.

    Of an hour that comes twice in autumn the first is taken.
    Raises: Refusal for a time that the change of the clocks leaves out.
    """
    for element in _times(root):
        text = element.text or ""
        if _WITHOUT_ZONE.fullmatch(text):
            whole = f"{text}{_offset(element, text, frame.zone)}"
            yield Change(element, text, whole)
            element.text = whole


def time_format(root: etree._Element, frame: Frame) -> Iterator[Change]:
    """A time that is not ISO 8601 is one in the sender's format, and in its zone unless it says.

    Of an hour that comes twice in autumn the first is taken.
    Raises: Refusal for a time that is not in that format either, or that the clocks leave out.
    """
    for element in _times(root):
        text = element.text or ""
        if _DIGIT.search(text) and not _ISO.fullmatch(text.strip()):
            whole = _formatted(element, text.strip(), frame)
            yield Change(element, text, whole)
            element.text = whole


def check_format(format: str) -> None:
    """Raises: ValueError for a format in which a time cannot be written and read again."""
    if "%Z" in format:
        raise ValueError(f"time_format {format!r} has names of zones; only offsets, %z, are read")
    when = datetime(2021, 11, 28, 16, 35, tzinfo=UTC)
    try:
        read = datetime.strptime(when.strftime(format), format).replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"time_format {format!r} is no format of a time: {error}") from None
    if read != when:
        rule = "must say year, month, day, hour and minute, e.g. %m/%d/%Y %I:%M:%S %p"
        raise ValueError(f"time_format {format!r} {rule}")


def in_utc(read: datetime, zone: tzinfo, *, local: bool = False) -> datetime:
    """A time in UTC: by its offset or, where it has none or `local` says that it is wrong, by the
    clocks of a zone.

    Raises: ValueError as `in_zone`, and for one that no calendar has.
    """
    try:
        if read.tzinfo is not None and not local:
            return read.astimezone(UTC)
        return in_zone(read, zone)
    except OverflowError:
        raise ValueError("lies outside of the years 1 to 9999 in UTC") from None


def in_zone(local: datetime, zone: tzinfo) -> datetime:
    """A local time in UTC; of an hour that comes twice in autumn the first.

    Raises: ValueError for one that the change of the clocks leaves out.
    """
    utc = local.replace(tzinfo=zone).astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) - local.replace(tzinfo=None) != timedelta(0):
        raise ValueError(f"does not exist in {zone}: the clocks go forward")
    return utc


def _formatted(element: etree._Element, text: str, frame: Frame) -> str:
    try:
        read = datetime.strptime(text, frame.format)
    except ValueError:
        line, xpath = place_of(element)
        rule = f"{text[:80]!r} is neither ISO 8601 nor in the format {frame.format!r}."
        raise Refusal.of("1.8", rule, line=line, xpath=xpath, value=text[:80]) from None
    whole = read.isoformat()
    return whole if read.tzinfo else f"{whole}{_offset(element, whole, frame.zone)}"


def _offset(element: etree._Element, text: str, zone: tzinfo) -> str:
    try:
        there = in_zone(datetime.fromisoformat(text[:19]), zone).astimezone(zone)
    except (ValueError, OverflowError) as error:
        line, xpath = place_of(element)
        raise Refusal.of("1.8", f"{text}: {error}.", line=line, xpath=xpath, value=text) from None
    return "Z" if zone is UTC else there.isoformat()[-6:]


def _times(root: etree._Element) -> Iterator[etree._Element]:
    """The elements of envelope and payload that hold times."""
    tags = {tag for _, noun in nouns(root) for tag in times_of(noun.__name__)}
    return root.iter(*_OF_ENVELOPE, *sorted(tags))
