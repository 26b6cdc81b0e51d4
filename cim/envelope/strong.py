"""Strongly typed messages: the generic ones under another root and namespace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple, TypeGuard

from lxml import etree

from cim.envelope.writing import write_element
from cim.message import Fault, Format, Kind, Message, OperationSet, Verb
from cim.places import place_of
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema.names import MESSAGE, Form, root_of
from cim.violation import Refusal

OPERATION_SET = OperationSet.__name__


class Typed(NamedTuple):
    """What the root of a strongly typed message says.  verb: None in an answer."""

    root: str
    noun: str
    verb: Verb | None
    form: Form

    @property
    def nouns(self) -> frozenset[str]:
        """What the header may say."""
        return frozenset({self.noun, OPERATION_SET} if self.form is Form.SET else {self.noun})


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
    table = {root_of(noun, verb): Typed(Kind.of(verb), name, verb, Form.of(verb)) for verb in verbs}
    # The name of the operation is used as the root of its request, too.
    query = f"{{{Form.QUERY.namespace(noun)}}}{Form.QUERY.name_of(noun)}"
    table[query] = Typed(Kind.REQUEST, name, Verb.GET, Form.QUERY)
    return table


def _answers(name: str, noun: type[Profile]) -> dict[str, Typed]:
    return {
        f"{{{form.namespace(noun)}}}{form.name_of(noun)}{root}": Typed(root, name, None, form)
        for form in Form
        for root in (Kind.RESPONSE.value, "FaultMessage")
    }


def typed(
    message: Message | Fault, tag: str | None = None, *, format: Format = Format.XML
) -> etree._Element:
    """The strongly typed element of `message`; the header of an operation set says so.

    tag: the element, as {namespace}name; None means the one that `typed_root` gives.

    Raises: Refusal, code 2.5, when there is no strongly typed service for it.
    """
    tag = tag or typed_root(message)
    if isinstance(message, Message) and OPERATION_SET in tag:
        message = replace(message, header=replace(message.header, noun=OPERATION_SET))
    return _moved(write_element(message, format=format), tag)


def typed_root(message: Message | Fault) -> str:
    """The strongly typed root of `message`, as {namespace}name; of a reply, to a plain request.

    Raises: Refusal, code 2.5.
    """
    name = _noun_of(message) if isinstance(message, Message) else ""
    noun = NOUNS.get(name)
    if noun is None or isinstance(message, Fault):
        raise Refusal.of("2.5", f"There is no strongly typed service for the noun {name!r}.")
    if message.header.verb is Verb.REPLY:
        return f"{{{Form.PLAIN.namespace(noun)}}}{name}{Kind.RESPONSE}"
    return root_of(noun, message.header.verb)


def _noun_of(message: Message) -> str:
    """The noun of the header and, in an operation set, of every operation."""
    nouns: set[str] = {message.header.noun} - {OPERATION_SET}
    if isinstance(message.payload, OperationSet):
        for one in message.payload.operations:
            nouns |= {one.noun} if one.noun is not None else set()
            nouns |= {type(one.payload).__name__} if one.payload is not None else set()
    return " and ".join(sorted(nouns)) or message.header.noun


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
    return name == "Payload" or (name == "Request" and etree.QName(tag).localname.startswith("Get"))


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


def is_set(typed: Typed | None) -> TypeGuard[Typed]:
    """Whether it stands for an operation set of one noun."""
    return typed is not None and typed.form is Form.SET


def name_operations(root: etree._Element, noun: str) -> None:
    """Have a set of `noun`, made generic, say what its root said: in the header, in each operation.

    root: changed in place; it is schema valid.
    Raises: Refusal, code 2.5, for an operation on another noun.
    """
    header = root.find(path("Header", "Noun"))
    if header is not None and header.text == noun:
        header.text = OPERATION_SET
    for operation in root.iterfind(path("Payload", OPERATION_SET, "Operation")):
        own = operation.find(path("noun"))
        if own is None:
            own = etree.Element(path("noun"))
            own.text = noun
            operation.insert(1, own)
        if own.text != noun:
            number = operation.findtext(path("operationId"))
            rule = f"operation {number}: it is on {own.text!r}, but the set is one of {noun}."
            line, xpath = place_of(own)
            raise Refusal.of("2.5", rule, line=line, xpath=xpath, value=(own.text or "")[:80])


def path(*names: str) -> str:
    """The path to `names`, each within the one before, in the namespace of the envelope."""
    return "/".join(f"{{{MESSAGE}}}{name}" for name in names)
