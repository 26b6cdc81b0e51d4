"""CIM RDF/XML documents (IEC 61970-552): out of their packing."""

from __future__ import annotations

import io
import zipfile
import zlib

from cim import parse
from cim.violation import Refusal

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def read_model(data: bytes, filename: str) -> bytes:
    """The RDF/XML document in a file, which may be packed with gzip or alone in a zip.

    Raises: Refusal; the sentence names the file.
    """
    try:
        document = _unpacked(data)
        parse.gate(document, parse.MODEL)
    except Refusal as refusal:
        raise Refusal.of(
            refusal.violations[0].code,
            f"{filename}: {refusal.violations[0].rule}",
            line=refusal.violations[0].line,
        ) from None
    return document


def _unpacked(data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        return parse.inflate(data, parse.MODEL.bytes)
    if data.startswith(b"PK"):
        return _unzipped(data)
    return data


def _unzipped(data: bytes) -> bytes:
    """The one file of a zip, read no further than the limit whatever the directory claims."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1:
                raise Refusal.of(
                    parse.NOT_VALID, f"The zip holds {len(members)} files; one is wanted."
                )
            with archive.open(members[0]) as member:
                document = member.read(parse.MODEL.bytes + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refusal.of(parse.NOT_VALID, f"The zip cannot be read: {error}.") from None
    if len(document) > parse.MODEL.bytes:
        raise Refusal.of(
            parse.TOO_MUCH, f"The zip holds more than {parse.MODEL.bytes} bytes in one file."
        )
    return document


def identity(value: str) -> str:
    """The mRID in an rdf:ID, rdf:about or rdf:resource: "#_x", "_x" and "urn:uuid:x" are x."""
    if value.startswith("urn:uuid:"):
        return value[9:]
    return value.rpartition("#")[2].removeprefix("_")
