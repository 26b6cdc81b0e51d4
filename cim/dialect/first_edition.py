"""Events as the first edition of IEC 61968-9 (2009) says them.

Its schemas are not public; what is known of it are messages of head-ends.  They say `category`, a
code by the tables of that edition or of the vendor, where the second edition (2011) has
EndDeviceEventType, and name the meter by the mRID of Assets.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from cim import override
from cim.dialect.corrections import Change, Frame
from cim.dialect.namespaces import up_to_date
from cim.dialect.parts import child, children, local_name, members, names, nouns
from cim.places import place_of
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.validation import REPORTED
from cim.violation import Refusal, Violation

_CATEGORY, _TYPE = "category", "EndDeviceEventType"
_NAMED = 10  # codes that a refusal names


def first_edition_events(root: etree._Element, frame: Frame) -> Iterator[Change]:
    """The category of an event becomes its EndDeviceEventType, by the codes of the sender, and its
    elements come in the order of 2011.

    Raises: Refusal for categories that the codes do not have, and for events of no meter.
    """
    for element, noun in nouns(root):
        old = [one for one in children(element) if noun is EndDeviceEvents and _is_old(one)]
        wrong = (violation for event in old for violation in _wrong(event, frame))
        if broken := tuple(islice(wrong, REPORTED)):
            raise Refusal(broken)
        for event in old:
            yield from _renewed(event, frame)
        theirs = override.theirs(noun.__name__) if old else None
        if theirs is not None:
            theirs.order.arrange(element)


def _is_old(event: etree._Element) -> bool:
    """Whether it says what it is by a category alone."""
    of_its_kind = local_name(event) == EndDeviceEvent.__name__
    return of_its_kind and child(event, _CATEGORY) is not None and child(event, _TYPE) is None


def _renewed(event: etree._Element, frame: Frame) -> Iterator[Change]:
    category = child(event, _CATEGORY)
    assert category is not None  # noqa: S101 - by which it was found
    code = frame.codes[_said(category)]
    yield Change(category, f"{_CATEGORY} {_said(category)}", f"{_TYPE} {code}")
    up_to_date(event, EndDeviceEvents)
    category.tag = f"{{{EndDeviceEvents.namespace}}}{_TYPE}"
    category.text = None
    category.attrib.clear()
    category.set("ref", code)
    order = members(EndDeviceEvent)
    right = sorted(event, key=lambda one: order.get(local_name(one), len(order)))
    if right != list(event):
        yield Change(event, names(list(event)), names(right))
        event[:] = right


def _wrong(event: etree._Element, frame: Frame) -> Iterator[Violation]:
    category = child(event, _CATEGORY)
    if category is not None and _said(category) not in frame.codes:
        yield _violation(category, "1.8", _unknown(_said(category), frame))
    if not _meter(event):
        rule = "EndDeviceEvent says of no meter: Assets with its mRID is missing or empty."
        yield _violation(event, "1.7", rule)


def _meter(event: etree._Element) -> str:
    """By mRID or name; "" when it says none."""
    assets = child(event, "Assets")
    found = (child(assets, "mRID"), child(child(assets, "Names"), "name"))
    return next((text for one in found if one is not None and (text := _said(one))), "")


def _unknown(said: str, frame: Frame) -> str:
    known = sorted(frame.codes)
    some = ", ".join(known[:_NAMED]) + (" ..." if len(known) > _NAMED else "")
    rule = "The code table of this sender does not say which EndDeviceEventType the category"
    return f"{rule} {said[:80]!r} is; it {f'has {some}' if known else 'is empty'}."


def _violation(element: etree._Element, code: str, rule: str) -> Violation:
    line, xpath = place_of(element)
    value = _said(element)[:80] or None
    return Violation(code=code, rule=rule, line=line, xpath=xpath, value=value)


def _said(element: etree._Element) -> str:
    return (element.text or "").strip()
