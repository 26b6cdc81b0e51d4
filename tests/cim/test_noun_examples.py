"""The example message of a noun is valid, and says what we would write."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from cim.parse import parse
from cim.profiles import NOUNS
from cim.schema.xsd import noun_xsd
from cim.xml import decode, encode

CASES = Path(__file__).parents[1] / "cases" / "nouns"
EXAMPLES = sorted(folder.name for folder in CASES.iterdir())


@pytest.mark.parametrize("noun", EXAMPLES)
def test_an_example_is_valid_and_comes_back(noun: str) -> None:
    received = parse((CASES / noun / "payload.xml").read_bytes())
    etree.XMLSchema(parse(noun_xsd(NOUNS[noun]))).assertValid(received)

    again = encode(decode(received))

    etree.indent(again, "  ")
    etree.indent(received, "  ")
    assert etree.tostring(again, method="c14n") == etree.tostring(received, method="c14n")
