"""Payloads as bytes without a tree: what lxml would write, at a fraction of the cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

from cim.profile import Profile
from cim.xml.plan import Field, Plan, plan_of
from cim.xml.values import Simple

Write = Callable[[Any], str]

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())


class _Special(Exception):
    """An empty text: lxml writes <a></a> for it, and <a/> once that has been read."""


def text_of(payload: Profile) -> bytes | None:
    """The element of a noun in UTF-8, its namespace the default one.

    None, when it is for lxml to write: with a document in it, an empty text, or a character that
    XML cannot carry.
    """
    noun = type(payload)
    plan = plan_of(noun, noun.namespace)
    if not plan.plain:
        return None
    try:
        data = _root(plan)(payload).encode("utf-8")
    except (_Special, UnicodeEncodeError):
        return None
    return data if _is_carried(data) else None


def _is_carried(data: bytes) -> bool:
    """Whether XML has all these characters."""
    if len(data.translate(None, _CONTROLS)) != len(data):
        return False
    return data.isascii() or not any(one in data for one in _NO_CHARACTERS)


@cache
def _root(plan: Plan) -> Write:
    space = f' xmlns="{_in_value(plan.profile.namespace)}"'
    return _writer(plan, plan.profile.__name__, space)


def _writer(plan: Plan, tag: str, space: str = "") -> Write:
    """The function that writes the objects of a class.

    Made for the class, as dataclasses makes its: a loop over the attributes takes twice the time.
    The source says their number; all else about them are its constants.
    """
    constants: dict[str, Any] = {
        "begin": f"<{tag}{space}>",
        "end": f"</{tag}>",
        "empty": f"<{tag}{space}/>",
    }
    source = ["def write(one):"]
    source += [f" one.{field.name}" for field in plan.fields if field.later]  # which makes them
    source.append(" held, text = one.__dict__, begin")
    for n, field in enumerate(plan.fields):
        constants |= {f"{what}{n}": value for what, value in _constants(field)}
        source += _source(n, field)
    source.append(" return text + end if text is not begin else empty")
    exec("\n".join(source), constants)  # noqa: S102 - see above
    made: Write = constants["write"]
    return made


def _source(n: int, field: Field) -> tuple[str, ...]:
    """The lines that write the attribute number `n`."""
    piece = f"of{n}(one)" if field.plan else f"f'{{before{n}}}{{of{n}(one)}}{{after{n}}}'"
    if field.many:
        return f" for one in held[name{n}] or ():", f"  text += {piece}"
    return f" one = held[name{n}]", " if one is not None:", f"  text += {piece}"


def _constants(field: Field) -> Iterator[tuple[str, Any]]:
    """What the source knows of an attribute: how a value is written, and what stands around it."""
    yield "name", field.name
    tag = field.local
    if field.plan is not None:
        yield "of", _writer(field.plan, tag)
    elif field.simple is None:
        yield from (("before", f'<{tag} ref="'), ("of", _in_value), ("after", '"/>'))
    else:
        yield from (("before", f"<{tag}>"), ("after", f"</{tag}>"))
        yield "of", _text(field.simple, field.type)


def _text(simple: Simple, kind: type[Any]) -> Write:
    """How a value of a simple type is written, escaped.

    What is no such value is escaped in any case: its text is for the schema to refuse.
    """
    write = simple.write
    if write is str and not simple.plain:
        return _in_text
    return lambda value: write(value) if type(value) is kind else _in_text(write(value))


def _in_text(value: Any) -> str:
    """As a text, escaped as lxml does it between tags."""
    text = str(value)
    if not text:
        raise _Special
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        return text.translate(_ESCAPED)
    return text


@lru_cache(maxsize=4096)  # most are codes, which come again and again
def _in_value(text: str) -> str:
    """Escaped as lxml does it in the value of an attribute."""
    return text.translate(_VALUE)


_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = _ESCAPED | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
