"""What breaks the contract of a noun is refused with code, place and rule.

Two sorts of families: what is wrong for any noun in the same way is done to each of them; what
depends on its elements is listed for some, in tests/cases/contracts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cim.contract import example
from cim.envelope import read
from cim.message import Kind, Message, Verb
from cim.profiles import NOUNS
from cim.violation import Refusal

CASES = Path(__file__).parents[1] / "cases" / "contracts"
MESSAGE = "http://iec.ch/TC57/2011/schema/message"


def verb_of(noun: str) -> Verb:
    verbs = NOUNS[noun].verbs
    return Verb.CREATED if "created" in verbs else Verb(verbs[0])


def body_of(noun: str) -> str:
    """A message with the example of a noun, as a partner would write it."""
    payload = example(noun).partition("?>")[2].strip()
    verb = verb_of(noun)
    root = Kind.of(verb)
    return (
        f'<{root} xmlns="{MESSAGE}"><Header><Verb>{verb}</Verb><Noun>{noun}</Noun>'
        f"<MessageID>m-1</MessageID></Header>\n<Payload>{payload}</Payload></{root}>"
    )


def refused(body: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(body)
    return caught.value


@dataclass(frozen=True)
class Case:
    noun: str
    family: str
    old: str
    new: str
    code: str
    text: str
    at: str


def cases() -> list[Case]:
    return [
        Case(noun=path.parent.name, **row)
        for path in sorted(CASES.glob("*/cases.toml"))
        for row in tomllib.loads(path.read_text("utf-8"))["case"]
    ]


@pytest.mark.parametrize("case", cases(), ids=lambda c: f"{c.noun}-{c.family}-{c.at or c.text}")
def test_what_breaks_a_noun_is_refused_in_words(case: Case) -> None:
    body = body_of(case.noun)
    assert case.old in body

    first = refused(body.replace(case.old, case.new, 1).encode()).violations[0]

    assert first.code == case.code, first
    assert case.text in first.rule, first
    assert case.at in (first.xpath or ""), first
    assert first.line is not None


Break = Callable[[str, str], bytes]
FAMILIES: dict[str, tuple[Break, str, str]] = {
    "upper-case verb": (
        lambda body, noun: body.replace(
            f">{verb_of(noun)}<", f">{verb_of(noun).title()}<"
        ).encode(),
        "2.9",
        "verbs are lower case",
    ),
    "another noun in the header": (
        lambda body, noun: body.replace(f"<Noun>{noun}<", "<Noun>PSREvents<").encode(),
        "2.",
        "PSREvents",
    ),
    "unknown noun": (
        lambda body, noun: body.replace(f"<Noun>{noun}<", "<Noun>Nothings<").encode(),
        "2.5",
        "Nothings",
    ),
    "no verb": (
        lambda body, noun: body.replace(f"<Verb>{verb_of(noun)}</Verb>", "").encode(),
        "1.5",
        "Verb",
    ),
    "not well-formed": (
        lambda body, _: body.replace("</Payload>", "").encode(),
        "1.8",
        "well-form",
    ),
    "bad UTF-8": (lambda body, _: body.encode().replace(b"m-1", b"m-\xff"), "1.8", "well-formed"),
    "a DTD": (lambda body, _: b'<!DOCTYPE a [<!ENTITY b "c">]>' + body.encode(), "1.8", "DTD"),
    "too deep": (
        lambda body, _: body.replace("<Payload>", "<Payload>" + "<a>" * 70).encode(),
        "3.1",
        "inside one another",
    ),
    "two payloads": (
        lambda body, _: body.replace("<Payload>", '<Payload><a xmlns="urn:a"/>').encode(),
        "3.1",
        "only one may be there",
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("noun", sorted(set(NOUNS) - {"PSREvents"}))
def test_what_breaks_any_noun_is_refused_in_words(noun: str, family: str) -> None:
    broken, code, text = FAMILIES[family]

    first = refused(broken(body_of(noun), noun)).violations[0]

    assert first.code.startswith(code), first
    assert text in first.rule, first


@pytest.mark.parametrize("noun", NOUNS)
def test_unbroken_it_is_read(noun: str) -> None:
    message = read(body_of(noun).encode())

    assert isinstance(message, Message)
    assert type(message.payload) is NOUNS[noun]
