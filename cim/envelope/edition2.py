"""Envelopes of the second edition (IEC 61968-100:2022), by the schema that a utility supplies.

The standard's own envelope schema is not public.  Who has it names it, and the hub validates
against it; what then has the names of edition 1 is read as that.
"""

from __future__ import annotations

import threading
from pathlib import Path

from lxml import etree

from cim.parse import parse, parse_with
from cim.places import local_name, place_of
from cim.profiles import NOUNS
from cim.schema.edition2 import EDITION_2, noun_xsd_2
from cim.schema.names import MESSAGE, XS
from cim.validation import compile_schema, told
from cim.violation import Refusal

_NOUN = "urn:gridbus:edition2:"
_LARGEST = 4 * 1024 * 1024  # of one schema file


class Edition2:
    """The envelope schema at `path`, with whatever lies beside it.

    Raises: ValueError, when it cannot be used; what is outside its folder is never read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._compiled = threading.local()
        self._schema("")

    def to_edition_1(self, root: etree._Element) -> None:
        """Rename, in place, a valid envelope of edition 2 to one of edition 1.  Raises: Refusal."""
        payload = root.find(f"{{{EDITION_2}}}Payload")
        nouns = [] if payload is None else [n for n in map(local_name, payload) if n in NOUNS]
        schema = self._schema(nouns[0] if nouns else "")
        if not schema.validate(root):
            raise Refusal(told(root, schema))
        for element in root.iter(f"{{{EDITION_2}}}*"):
            element.tag = f"{{{MESSAGE}}}{local_name(element)}"

    def _schema(self, noun: str) -> etree.XMLSchema:
        """For messages that carry `noun`; for each thread its own: error logs are not shared."""
        known: dict[str, etree.XMLSchema] = self._compiled.__dict__.setdefault("known", {})
        if noun not in known:
            known[noun] = self._compile(noun)
        return known[noun]

    def _compile(self, noun: str) -> etree.XMLSchema:
        imports = [(EDITION_2, self.path.as_uri())]
        imports += [(NOUNS[noun].namespace, _NOUN + noun)] if noun else []
        lines = "".join(f'<i:import namespace="{n}" schemaLocation="{at}"/>' for n, at in imports)
        driver = f'<i:schema xmlns:i="{XS}">{lines}</i:schema>'.encode()
        try:
            return compile_schema(parse_with(driver, self._load))
        except (etree.XMLSchemaParseError, OSError, Refusal) as error:
            raise ValueError(f"{self.path} is no schema of an envelope: {error}") from None

    def _load(self, address: str) -> bytes:
        """Raises: OSError for what is not beside the schema."""
        if address.startswith(_NOUN):
            return noun_xsd_2(NOUNS[address.removeprefix(_NOUN)])
        path = Path(address.removeprefix("file://")).resolve()
        if path.parent != self.path.parent and self.path.parent not in path.parents:
            raise OSError(f"{address} is not beside it")
        if path.stat().st_size > _LARGEST:
            raise OSError(f"{address} is too large")
        content = path.read_bytes()
        parse(content)
        return content


def is_edition_2(root: etree._Element) -> bool:
    """Whether it is an envelope of edition 2."""
    return etree.QName(root).namespace == EDITION_2


def refuse(root: etree._Element) -> None:
    """Raises: Refusal for an envelope of edition 2, whose schema nobody has supplied."""
    if is_edition_2(root):
        line, xpath = place_of(root)
        rule = (
            f"{local_name(root)} is an envelope of IEC 61968-100 ed.2, whose schema is not public:"
        )
        rule += " supply it and name it in schemas.edition2 of hub.toml, or send edition 1."
        raise Refusal.of("1.9", rule, line=line, xpath=xpath, value=EDITION_2)
