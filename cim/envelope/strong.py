"""Strongly typed messages: the generic ones under another root and namespace."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from lxml import etree

from cim.envelope.writing import write_element
from cim.message import Fault, Format, Kind, Message, Verb
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema.names import MESSAGE, message_namespace, query_namespace, root_of
from cim.violation import Refusal


class Typed(NamedTuple):
    """What the root of a strongly typed message says.  verb: None in an answer."""

    root: str
    noun: str
    verb: Verb | None


@cache
def roots() -> Mapping[str, Typed]:
    """Every strongly typed root, as {namespace}name, with what it stands for."""
    return {
        tag: typed
        for name, noun in NOUNS.items()
        for table in (_requests(name, noun), _answers(name, noun))
        for tag, typed in table.items()
    }


def _requests(name: str, noun: type[Profile]) -> dict[str, Typed]:
    verbs = [verb for verb in Verb if verb is not Verb.REPLY]
    table = {root_of(noun, verb): Typed(Kind.of(verb), name, verb) for verb in verbs}
    # The name of the operation is used as the root of its request, too.
    table[f"{{{query_namespace(noun)}}}Get{name}"] = Typed(Kind.REQUEST, name, Verb.GET)
    return table


def _answers(name: str, noun: type[Profile]) -> dict[str, Typed]:
    places = (f"{{{message_namespace(noun)}}}", f"{{{query_namespace(noun)}}}Get")
    return {
        f"{place}{name}{root}": Typed(root, name, None)
        for place in places
        for root in (Kind.RESPONSE.value, "FaultMessage")
    }


def typed(
    message: Message | Fault,
    *,
    noun: str | None = None,
    query: bool = False,
    format: Format = Format.XML,
) -> etree._Element:
    """The strongly typed element of `message`.

    noun:  whose service answers; only a Fault does not say it itself.
    query: the answer is that of Get<Noun>, in the namespace of the query.

    Raises: Refusal, code 2.5, when the noun has no strongly typed service.
    """
    name = noun or (message.header.noun if isinstance(message, Message) else "")
    profile = NOUNS.get(name)
    if profile is None:
        raise Refusal.of("2.5", f"There is no strongly typed service for the noun {name!r}.")
    root = write_element(message, format=format)
    verb = message.header.verb if isinstance(message, Message) else Verb.REPLY
    if verb is Verb.REPLY:
        space = query_namespace(profile) if query else message_namespace(profile)
        tag = f"{{{space}}}{'Get' * query}{name}{etree.QName(root).localname}"
    else:
        tag = root_of(profile, verb)
    return _moved(root, tag)


def _moved(root: etree._Element, tag: str) -> etree._Element:
    """`root` as `tag`, its parts with it, in the namespace of the strongly typed schema."""
    space = etree.QName(tag).namespace or ""
    prefixes: Any = {"tns": space, None: MESSAGE}
    moved = etree.Element(tag, nsmap=prefixes)
    for part in list(root):
        inner = list(part) if _local_children(part, tag) else []
        for element in (part, *inner):
            if element.tag.startswith(f"{{{MESSAGE}}}"):
                element.tag = f"{{{space}}}{etree.QName(element).localname}"
        moved.append(part)
    return moved


def _local_children(part: etree._Element, tag: str) -> bool:
    """Whether the children of `part` are declared in the strongly typed schema itself."""
    name = etree.QName(part).localname
    return name == "Payload" or (name == "Request" and roots()[tag].verb is Verb.GET)


def generic(root: etree._Element) -> Typed | None:
    """Rename, in place, a strongly typed message to the generic one; what its root said."""
    found = roots().get(root.tag)
    if found is None:
        return None
    space = etree.QName(root).namespace
    for element in (root, *root.iterfind(f"{{{space}}}*"), *root.iterfind(f"*/{{{space}}}*")):
        element.tag = f"{{{MESSAGE}}}{etree.QName(element).localname}"
    root.tag = f"{{{MESSAGE}}}{found.root}"
    return found
