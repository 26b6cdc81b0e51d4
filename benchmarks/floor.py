"""The floor under everything that takes XML: a hardened lxml parser and XSD validation, alone."""

from __future__ import annotations

from lxml import etree

from cim.parse import parse
from cim.profiles import NOUNS
from cim.schema import envelope_xsd, noun_xsd

IS = "lxml parse + XSD"


class Bare:
    """Parses an envelope and validates it and the noun in it; nothing is made of either."""

    def __init__(self, noun: str) -> None:
        self._envelope = etree.XMLSchema(parse(envelope_xsd()))
        self._noun = etree.XMLSchema(parse(noun_xsd(NOUNS[noun])))
        self._parser = etree.XMLParser(  # noqa: TID251 - what the hub's own is measured against
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )

    def read(self, data: bytes) -> etree._Element:
        root = self.parse(data)
        self.check(root)
        return root

    def check(self, root: etree._Element) -> None:
        """Validate an envelope and the noun in it."""
        assert self._envelope.validate(root)
        assert self._noun.validate(root[-1][0])

    def parse(self, data: bytes) -> etree._Element:
        return etree.fromstring(data, self._parser)  # noqa: TID251 - as above
