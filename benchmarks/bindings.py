"""What others make of the XML of a noun: xsdata, bound to our XSD, and zeep, to our WSDL.

Neither validates.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from cim.envelope import typed, typed_root
from cim.message import Message
from cim.profiles import NOUNS
from cim.xml import encode

Work = Callable[[], object]


_SCHEMAS = Path(__file__).parents[1] / "schemas"


def xsdata_of(message: Message) -> tuple[Work, Work]:
    """Read the noun of a message, alone; and write it."""
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
    from xsdata.formats.dataclass.serializers import XmlSerializer
    from xsdata.formats.dataclass.serializers.writers import LxmlEventWriter

    noun = message.header.noun
    bound = getattr(_generated(noun), noun)
    body = etree.tostring(encode(_payload(message)), pretty_print=True)
    parser, serializer = XmlParser(handler=LxmlEventHandler), XmlSerializer(writer=LxmlEventWriter)
    spaces = {None: NOUNS[noun].namespace}
    held = parser.from_bytes(body, bound)
    return (
        lambda: parser.from_bytes(body, bound),
        lambda: serializer.render(held, ns_map=spaces).encode(),
    )


def _generated(noun: str) -> Any:
    """The module of the classes that xsdata makes of the XSD of a noun."""
    module = f"bound_{noun.lower()}"
    schema = str(_SCHEMAS / f"{noun}.xsd")
    command = [sys.executable, "-m", "xsdata", "generate", schema, "--package", module]
    command += ["--structure-style", "single-package"]
    # It has what it writes formatted by ruff, which it looks for in PATH.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        environment = os.environ | {"PATH": path}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(module)
        finally:
            sys.path.remove(folder)


def zeep_of(message: Message) -> tuple[Work, Work]:
    """Read a message, strongly typed; and write it."""
    zeep: Any = importlib.import_module("zeep")
    loader: Any = importlib.import_module("zeep.loader")
    service = _SCHEMAS / f"Receive{message.header.noun}.wsdl"
    types = zeep.Client(str(service)).wsdl.types
    element = types.get_element(typed_root(message))
    body = etree.tostring(typed(message), pretty_print=True)
    transport, settings = zeep.Transport(), zeep.Settings(xml_huge_tree=True)

    def read() -> Any:
        return element.parse(loader.parse_xml(body, transport, settings=settings), types)

    held = read()

    def write() -> bytes:
        parent = etree.Element("body")
        element.render(parent, held)
        return etree.tostring(parent[0])

    return read, write


def _payload(message: Message) -> Any:
    assert message.payload is not None
    return message.payload
