"""A message that comes with its SOAP envelope where no SOAP is spoken: in a file, in a queue."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from cim.dialect.corrections import Change, Frame
from cim.dialect.headers import removed
from cim.dialect.parts import child, children, local_name, shown
from cim.places import place_of
from cim.violation import Refusal

_ENVELOPES = frozenset(
    {
        "{http://schemas.xmlsoap.org/soap/envelope/}Envelope",  # SOAP 1.1
        "{http://www.w3.org/2003/05/soap-envelope}Envelope",  # SOAP 1.2
    }
)


def soap_envelope(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """A SOAP envelope around the message; `message_in` then takes it out.

    What its Header says goes away: it was said to somebody else, who has taken the message.
    Raises: Refusal, when its Body does not hold exactly one message.
    """
    if not is_soap(root):
        return
    yield Change(root, shown(root), local_name(message_in(root)))
    for block in children(child(root, "Header")):
        # By its name alone: it may hold a password.
        yield Change(block, shown(block), "")
        removed(block)


def is_soap(root: etree._Element) -> bool:
    """Whether it is the envelope of SOAP 1.1 or 1.2."""
    return root.tag in _ENVELOPES


def message_in(root: etree._Element) -> etree._Element:
    """What stands in the Body of a SOAP envelope.  Raises: Refusal, when that is not one thing."""
    body = child(root, "Body")
    inside = children(body)
    if len(inside) == 1:
        return inside[0]
    line, xpath = place_of(root if body is None else body)
    rule = f"The Body of a SOAP envelope must hold one message; it holds {len(inside)}."
    raise Refusal.of("1.8", rule, line=line, xpath=xpath)
