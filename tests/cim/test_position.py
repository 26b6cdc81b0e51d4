"""Line and column are found again by the XPath of a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import position
from cim.parse import parse
from cim.places import xpath_of
from cim.position import located
from cim.violation import Refusal, Violation

DOCUMENT = b"""<?xml version="1.0"?>
<m:Event xmlns:m="urn:m">
  <m:Header><m:Verb>CREATED</m:Verb></m:Header>
  <m:Payload
      a="b"><x xmlns="urn:x"/> <x xmlns="urn:x">\xc3\xbc<y/></x>
  </m:Payload>
</m:Event>
"""


def place(xpath: str | None, data: bytes = DOCUMENT) -> tuple[int | None, int | None]:
    [found] = located((Violation(code="1.8", rule="wrong", line=99, xpath=xpath),), data)
    assert (found.code, found.rule, found.xpath) == ("1.8", "wrong", xpath)
    return found.line, found.column


@pytest.mark.parametrize(
    ("xpath", "line", "column"),
    [
        ("/Event", 2, 1),
        ("/Event/Header/Verb", 3, 13),
        ("/Header/Verb", 3, 13),
        ("/Event/Payload", 4, 3),
        ("/Event/Payload/x[1]", 5, 13),
        ("/Event/Payload/x[2]", 5, 32),
        ("/Event/Payload/x[2]/y", 5, 50),
        ("/Event/Payload/x[3]", 99, None),
        ("/Other", 99, None),
        ("nonsense", 99, None),
        (None, 99, None),
    ],
)
def test_an_xpath_leads_to_its_tag(xpath: str | None, line: int, column: int | None) -> None:
    assert place(xpath) == (line, column)


def test_what_breaks_off_is_looked_at_to_there() -> None:
    assert place("/Event/Header/Verb", DOCUMENT[:90]) == (3, 13)
    assert place("/Event/Payload/x[2]", DOCUMENT[:90]) == (99, None)
    assert place("/a", b"") == (99, None)


def test_a_large_document_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(position, "LARGEST", len(DOCUMENT) - 1)
    assert place("/Event") == (99, None)


def test_a_place_is_part_of_the_sentence() -> None:
    [found] = located(Refusal.of("1.8", "no verb", xpath="/Event/Header/Verb").violations, DOCUMENT)
    assert str(found) == "line 3, column 13, /Event/Header/Verb: no verb"


names = st.sampled_from("abc")
trees = st.recursive(
    names.map(lambda n: f"<{n}/>"),
    lambda inner: st.tuples(names, st.lists(inner, max_size=4), st.sampled_from(["", "\n "])).map(
        lambda t: f"<{t[0]}>{t[2]}{t[2].join(t[1])}</{t[0]}>"
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(tree=trees)
def test_every_element_is_found_where_its_tag_begins(tree: str) -> None:
    data = tree.encode()
    lines = tree.split("\n")
    for element in parse(data).iter():
        line, column = place(xpath_of(element), data)
        assert line is not None
        assert column is not None
        assert lines[line - 1][column - 1 :].startswith(f"<{etree.QName(element).localname}")
        assert line == element.sourceline
