"""Every noun has an example: it is valid, and says what we would write."""

from __future__ import annotations

import pytest
from lxml import etree

from cim.contract import example
from cim.parse import parse
from cim.profiles import NOUNS
from cim.schema.xsd import noun_xsd
from cim.xml import decode, encode


@pytest.mark.parametrize("noun", NOUNS)
def test_an_example_is_valid_and_comes_back(noun: str) -> None:
    received = parse(example(noun).encode())
    etree.XMLSchema(parse(noun_xsd(NOUNS[noun]))).assertValid(received)

    again = encode(decode(received))

    etree.indent(again, "  ")
    etree.indent(received, "  ")
    assert etree.tostring(again, method="c14n") == etree.tostring(received, method="c14n")
