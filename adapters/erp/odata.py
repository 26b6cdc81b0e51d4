"""Orders, assets and products in the JSON of OData services (2 and 4) and of Maximo's REST API.

A page is `{"d": {"results": [...]}}` or `{"d": [...]}` (version 2), `{"value": [...]}` (version 4)
or `{"member": [...]}` (Maximo, with lean=1); several are a list.  The last one must not name a
further one: nobody may take what is not in the file for unsaid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.json_text import as_written

_DATE = re.compile(r"/Date\((-?\d{1,15})([+-]\d{1,4})?\)/")  # ms since 1970, minutes of the zone
_TIME = re.compile(r"(?:PT(\d{1,2})H(?:(\d{1,2})M)?(?:(\d{1,2})S)?|(\d{2}):(\d{2}):(\d{2}))")
_HALF = re.compile(r"[\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1)  # local to whoever says it


@dataclass(frozen=True)
class Entity:
    """One order, asset or product.

    raw:    it alone, as a page.
    values: their name -> text.
    names:  our name -> theirs, or two of a time: those of day and hour; the same where left out.
    """

    origin: str
    raw: bytes
    values: Mapping[str, str]
    names: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        said = [self._said(name) for name in self._name(column).split()]
        if len(said) == 2:
            return _together(*said)
        return "".join(said)

    def _said(self, name: str) -> str:
        """Raises: ValueError for what no text can hold, so that this record is refused alone."""
        text = self.values.get(name, "").strip()
        if _HALF.search(text):
            raise ValueError(f"{self.origin}: {name} has half a character: a surrogate by itself")
        return text

    def has(self, column: str) -> bool:
        """Whether it says something by our name, if only that it is empty."""
        return self._name(column) in self.values

    def wrong(self, column: str, rule: str) -> ValueError:
        return ValueError(f"{self.origin}: {self._name(column)} {self[column]!r} {rule}")

    def _name(self, column: str) -> str:
        return self.names.get(column, column)


def entities(name: str, data: bytes, names: Mapping[str, str], kind: str = "order") -> list[Entity]:
    """The orders, or what else `kind` calls them, of the file `name`.

    Raises: ValueError when it is unusable as a whole.
    """
    document = _document(name, data)
    pages = document if isinstance(document, list) else [document]
    found: list[Any] = []
    more = ""
    for number, page in enumerate(pages, 1):
        some, more = _page(f"{name} page {number}" if len(pages) > 1 else name, page)
        found += some
    if more:
        raise ValueError(f"{name} is cut short: its last page names a further one, {more[:200]!r}")
    return [_entity(f"{name} {kind} {n}", one, names) for n, one in enumerate(found, 1)]


def _document(name: str, data: bytes) -> Any:
    try:
        return as_written(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is no UTF-8 text: byte {error.start + 1}") from None
    except RecursionError:
        raise ValueError(f"{name} is nested too deep") from None
    except ValueError as error:
        raise ValueError(f"{name} is no JSON, or is cut short: {error}") from None


def _page(name: str, page: Any) -> tuple[list[Any], str]:
    """The entities of a page, and where the next one is; "" when it is the last."""
    said = page if isinstance(page, dict) else {}
    if failed := said.get("error") or said.get("Error"):
        said_so = str(failed)[:200].encode(errors="backslashreplace").decode()
        raise ValueError(f"{name} is an error of the service: {said_so}")
    inner = said.get("d")
    if isinstance(inner, list):
        return inner, ""
    for body, key, further in (
        (inner, "results", "__next"),
        (said, "value", "@odata.nextLink"),
        (said, "member", "responseInfo"),
    ):
        if isinstance(body, dict) and isinstance(body.get(key), list):
            return body[key], _further(body.get(further))
    raise ValueError(f"{name} is no page: neither d.results, value nor member is a list")


def _further(said: Any) -> str:
    """Where the next page is, told as a link or, by Maximo, as the page it is."""
    following = said.get("nextPage") if isinstance(said, dict) else said
    return str(following.get("href") if isinstance(following, dict) else following or "")


def _entity(origin: str, one: Any, names: Mapping[str, str]) -> Entity:
    text = json.dumps({"value": [one]}, ensure_ascii=False)
    # Half a character has no bytes: then it stays as it was escaped.
    raw = (json.dumps({"value": [one]}) if _HALF.search(text) else text).encode()
    said = one if isinstance(one, dict) else {}
    values = {key: _text(value) for key, value in said.items() if not _is_nested(value)}
    return Entity(origin, raw, values, names)


def _is_nested(value: Any) -> bool:
    """Other objects, or where they are: nothing of the order itself."""
    return isinstance(value, dict | list)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not (match := _DATE.fullmatch(value or "")):
        return value or ""
    try:
        moment = _EPOCH + timedelta(milliseconds=int(match[1]))
    except OverflowError:
        return str(value)  # for whoever reads it to refuse
    return (moment.replace(tzinfo=UTC) if match[2] else moment).isoformat()


def _together(day: str, hour: str) -> str:
    """A time of a day and an hour; what is none is left for whoever reads it to refuse."""
    if not day:
        return ""
    if not (match := _TIME.fullmatch(hour)):
        return f"{day} {hour}".strip()
    said = match.groups()[:3] if match[1] else match.groups()[3:]
    hours, minutes, seconds = (int(one or 0) for one in said)
    return f"{day[:10]}T{hours:02}:{minutes:02}:{seconds:02}"
