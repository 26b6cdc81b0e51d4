"""The cases of tests/cases/bad_input, for every entrance that must refuse them."""

from __future__ import annotations

import base64
import gzip
import random
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases" / "bad_input"
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
EVENTS = "http://iec.ch/TC57/2011/EndDeviceEvents#"
DTD = '<!DOCTYPE EventMessage [<!ENTITY a "b">]>'


@dataclass(frozen=True)
class BadInput:
    """One body and what the refusal must say."""

    name: str
    expected_code: str
    expected_text: tuple[str, ...]
    line: int | None = None
    xpath: str | None = None
    generate: str | None = None

    def body(self) -> bytes:
        """The bytes to send."""
        if self.generate is not None:
            return GENERATORS[self.generate]()
        return (FOLDER / self.name / "input.xml").read_bytes()


def load() -> list[BadInput]:
    """Every case, by name."""
    return [_load(path) for path in sorted(FOLDER.glob("*/params.toml"))]


def _load(path: Path) -> BadInput:
    params: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    text = tuple(params.pop("expected_text"))
    return BadInput(name=path.parent.name, expected_text=text, **params)


def event(payload: str, *, comment: str = "", before: str = "") -> str:
    """An event message around `payload`."""
    return (
        f'<?xml version="1.0"?>{before}<EventMessage xmlns="{MESSAGE}"><Header><Verb>created</Verb>'
        f"<Noun>EndDeviceEvents</Noun><Comment>{comment}</Comment></Header>"
        f"<Payload>{payload}</Payload></EventMessage>"
    )


def compressed(content: bytes) -> bytes:
    """An event message whose payload is `content`, gzipped already."""
    return event(f"<Compressed>{base64.b64encode(content).decode()}</Compressed>").encode()


def body_of_100_megabytes() -> bytes:
    return event("").encode().ljust(100 * 1024 * 1024)


def deep() -> bytes:
    return event("<a>" * 100_000 + "</a>" * 100_000).encode()


def wide() -> bytes:
    return event("<a/>" * 3_000_000).encode()


def attribute_flood() -> bytes:
    attributes = " ".join(f"b{i}='c'" for i in range(10_000))
    return event(f"<a {attributes}/>").encode()


def namespace_flood() -> bytes:
    namespaces = " ".join(f"xmlns:b{i}='urn:{i}'" for i in range(10_000))
    return event(f"<a {namespaces}/>").encode()


def long_name() -> bytes:
    return event(f"<{'a' * 100_000}/>").encode()


def long_attribute() -> bytes:
    return event(f'<a b="{"c" * 1_000_000}"/>').encode()


def long_comment() -> bytes:
    return event(f"<!--{'a' * 1_000_000}-->").encode()


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(200)]
    return compressed(b"".join([*parts, packer.flush()]))


def gzip_bomb_of_xml() -> bytes:
    row = b'<EndDeviceEvent><EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent>'
    return compressed(gzip.compress(row * 700_000))


def gzip_cut_short() -> bytes:
    return compressed(gzip.compress(b"<a/>")[:-6])


def gzip_corrupt() -> bytes:
    return compressed(gzip.compress(b"<a/>")[:-8] + bytes(8))


def gzip_of_a_dtd() -> bytes:
    return compressed(gzip.compress(f'{DTD}<EndDeviceEvents xmlns="{EVENTS}"/>'.encode()))


def utf_16_dtd() -> bytes:
    return event("", before=DTD).replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")


def invalid_utf_8() -> bytes:
    return event("", comment="@").encode().replace(b"@", b"\xff\xfe")


def overlong_utf_8() -> bytes:
    return event("", comment="@").encode().replace(b"@", b"\xc0\xbc")


def encoding_lie() -> bytes:
    return event("").replace("?>", ' encoding="UTF-16"?>', 1).encode()


def ebcdic() -> bytes:
    return event("").replace("?>", ' encoding="cp037"?>', 1).encode("cp037")


def random_bytes() -> bytes:
    return random.Random(1).randbytes(10_000)  # noqa: S311


GENERATORS: dict[str, Callable[[], bytes]] = {
    f.__name__: f
    for f in (
        body_of_100_megabytes,
        deep,
        wide,
        attribute_flood,
        namespace_flood,
        long_name,
        long_attribute,
        long_comment,
        gzip_bomb,
        gzip_bomb_of_xml,
        gzip_cut_short,
        gzip_corrupt,
        gzip_of_a_dtd,
        utf_16_dtd,
        invalid_utf_8,
        overlong_utf_8,
        encoding_lie,
        ebcdic,
        random_bytes,
    )
}
