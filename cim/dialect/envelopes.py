"""Dirt in the kind of a message."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from cim.dialect.corrections import Change, Frame
from cim.dialect.headers import removed
from cim.dialect.parts import child, header, header_text, local_name
from cim.message import Kind, Verb
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema.names import MESSAGE, root_of


def event_as_create(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """create EndDeviceEvents is an event that was created: nobody asks for events to happen.

    So is a RequestMessage that says created; what it asks for beside goes away.
    """
    noun = NOUNS.get(header_text(root, "Noun"))
    verb = header(root, "Verb")
    if noun is None or verb is None or not noun.__name__.endswith("Events"):
        return
    asked, event = _roots(noun, Verb.CREATE), _roots(noun, Verb.CREATED)
    if verb.text == Verb.CREATE:
        yield Change(verb, Verb.CREATE, Verb.CREATED)
        verb.text = Verb.CREATED
    if verb.text == Verb.CREATED and root.tag in asked:
        now = event[asked.index(root.tag)]
        yield Change(root, local_name(root), etree.QName(now).localname)
        root.tag = now
        request = child(root, "Request")
        if request is not None:
            yield Change(request, "Request", "")
            removed(request)


def _roots(noun: type[Profile], verb: Verb) -> tuple[str, str]:
    """The generic root of such a message, and the strongly typed one."""
    return f"{{{MESSAGE}}}{Kind.of(verb)}", root_of(noun, verb)
