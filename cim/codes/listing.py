"""All codes of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cim.codes import tables
from cim.codes.explanation import explain
from cim.codes.sources import Codes
from cim.reply_codes import REPLY_CODES

KINDS = ("events", "controls", "readings", "qualities", "replies")
_OF = {
    "end device event": "events",
    "end device control": "controls",
    "end device code": "events",
    "reading type": "readings",
    "reading quality": "qualities",
    "reply code": "replies",
}


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A code, or of reading types a number of one `field`; `native`: the source's own code."""

    code: str
    says: str
    field: str | None = None
    native: str | None = None
    meaning: str | None = None


def listed(kind: str, codes: Codes | None = None, source: str | None = None) -> list[Listed]:
    """The codes of `kind`, one of KINDS; with `source` those for which it has its own word.

    Raises: KeyError for another kind.
    """
    if source is not None:
        return list(_of_source(kind, codes or Codes(), source))
    return list(_TABLES[kind]())


def _of_source(kind: str, codes: Codes, source: str) -> Iterator[Listed]:
    for native in codes.of(source):
        found = explain(native, codes, source)
        if _OF[found.kind] == kind:
            yield Listed(code=found.code, says=found.says, native=native, meaning=found.meaning)


def _events() -> Iterator[Listed]:
    yield from _end_devices("events")


def _controls() -> Iterator[Listed]:
    yield from _end_devices("controls")


def _end_devices(table: str) -> Iterator[Listed]:
    for code, (meaning, says) in tables.end_devices()[table].items():
        yield Listed(code=code, says=f"{says}.", meaning=meaning)


def _readings() -> Iterator[Listed]:
    for field in tables.reading_types():
        for number, says in field.get("numbers", {}).items():
            yield Listed(code=number, says=says, field=field["name"])


def _qualities() -> Iterator[Listed]:
    for code, says in tables.reading_qualities()["codes"].items():
        yield Listed(code=code, says=f"{says}.")


def _replies() -> Iterator[Listed]:
    for code, says in REPLY_CODES.items():
        yield Listed(code=code, says=f"{says}.")


_TABLES = {
    "events": _events,
    "controls": _controls,
    "readings": _readings,
    "qualities": _qualities,
    "replies": _replies,
}
