"""The files of edition 2 that a utility would supply.

The envelope here is the first edition's in the second's namespace, with a substitution group for
payload: the standard's own schema is not public.
"""

from __future__ import annotations

from pathlib import Path

from cim.schema import envelope_xsd
from cim.schema.edition2 import ABSTRACT, EDITION_2, files
from cim.schema.names import MESSAGE

ANY = '<xs:any namespace="##other" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>'


def supplied(folder: Path) -> Path:
    """Write them into `folder`; the path of the envelope's."""
    text = envelope_xsd().decode()
    start = text.index('<xs:complexType name="PayloadType">')
    payload = text[start:].replace(ANY, '<xs:element ref="msg:AbstractPayload" minOccurs="0"/>', 1)
    text = (text[:start] + payload).replace(MESSAGE, EDITION_2)
    first = text.index("<xs:element")
    text = f'{text[:first]}<xs:include schemaLocation="{ABSTRACT}"/>{text[first:]}'
    (folder / ABSTRACT).write_bytes(files()[ABSTRACT])
    (folder / "Message.xsd").write_text(text)
    return folder / "Message.xsd"


def second(message: bytes) -> bytes:
    """A message of edition 1 as one of edition 2."""
    return message.replace(MESSAGE.encode(), EDITION_2.encode())
