"""What another system's HTTP service says, as a file: all pages of it, or a document.

Pages are those of OData, of ArcGIS feature services or of Maximo's REST API.

A file holds all pages, or there is none: of half a list nobody could tell what is gone from what
was not asked for.  It is written when what is said is news; how far was read is kept beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from hub.disk import put
from hub.entry.position import Position
from hub.entry.waiting import is_full
from hub.feed_settings import Http
from hub.handover import client

_SINCE = "{since}"
_TICKS = re.compile(r"/Date\((-?\d{1,15})([+-]\d{1,4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HttpPoll:
    """One address, asked again and again."""

    def __init__(self, settings: Http, folder: Path, max_bytes: int) -> None:
        """max_bytes: of all pages together.

        Raises: ValueError for settings that cannot be.
        """
        if (_SINCE in settings.url) is not bool(settings.key):
            raise ValueError("http.url names {since} if, and only if, http.key says of what")
        if settings.key and (settings.paging not in ("odata", "maximo") or not settings.start):
            raise ValueError('http.key is of paging "odata" or "maximo", and needs http.start')
        self._settings, self._folder, self._max_bytes = settings, folder, max_bytes
        self._client = client(settings, "http.url", settings.header)

    @property
    def pause(self) -> float:
        """Seconds between two questions."""
        return self._settings.interval

    def step(self) -> bool:
        """Ask once for all pages; False, so that its caller pauses.

        Raises: ConnectionError when the service does not answer as it should; ValueError for
        pages that are none, too many or too large; OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._settings.name}{self._settings.suffix}"
        if is_full(self._folder, self._settings.most) or path.exists():
            return False  # the last one has not been taken yet
        position = Position.kept(self._kept, self._settings.start)
        bodies = list(self._bodies(str(position.since)))
        data = bodies[0] if len(bodies) == 1 else b"[" + b",\n".join(bodies) + b"]"
        digest = hashlib.sha256(data).hexdigest()
        if digest == position.rows:
            return False
        since = self._newest(bodies, str(position.since))
        if not (self._settings.paging and self._is_empty(bodies)):
            put(path, data)
        Position(since, digest).keep(self._kept)
        return False

    def close(self) -> None:
        self._client.close()

    def _bodies(self, since: str) -> Iterator[bytes]:
        """One page after the other.  A further one is asked for at the same server only."""
        url, seen, size = self._settings.url.replace(_SINCE, quote(since, safe="")), set[str](), 0
        while url:
            if url in seen or len(seen) >= self._settings.pages:
                raise ValueError(f"{url}: after {len(seen)} pages there is no end of them")
            seen.add(url)
            body = self._body(url, self._max_bytes - size)
            size += len(body)
            yield body
            further = _FURTHER[self._settings.paging](body, url)
            url = urljoin(url, further) if further else ""
            if url and _server(url) != _server(self._settings.url):
                raise ValueError(
                    f"{self._settings.url}: its next page is elsewhere, at {url[:200]}"
                )

    def _body(self, url: str, most: int) -> bytes:
        found = bytearray()
        try:
            with self._client.stream("GET", url) as response:
                if response.status_code != httpx.codes.OK:
                    raise ConnectionError(f"{url} answered {response.status_code}")
                for part in response.iter_bytes():
                    found += part
                    if len(found) > most:
                        raise ValueError(f"{url}: more than {self._max_bytes:,} bytes are not read")
        except httpx.HTTPError as error:
            raise ConnectionError(f"{url}: {type(error).__name__}: {error}") from error
        return bytes(found)

    def _newest(self, bodies: list[bytes], since: str) -> str:
        key = self._settings.key
        if not key:
            return since
        values = [one.get(key) for body in bodies for one in _items(body) if isinstance(one, dict)]
        return max([since, *(_sortable(value) for value in values if isinstance(value, str))])

    def _is_empty(self, bodies: list[bytes]) -> bool:
        """Whether an incremental question has brought nothing."""
        return bool(self._settings.key) and not any(_items(body) for body in bodies)

    @property
    def _kept(self) -> Path:
        return self._folder / f".{self._settings.name}.position"


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _page(body: bytes, url: str) -> dict[str, Any]:
    """Raises: ValueError when it is no page, ConnectionError when it is an error of the service."""
    try:
        page = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{url}: no JSON: {error}") from None
    if not isinstance(page, dict):
        raise ValueError(f"{url}: no page: it is no JSON object")
    if failed := page.get("error") or page.get("Error"):
        raise ConnectionError(f"{url} answered: {str(failed)[:200]}")
    return page


def _none(body: bytes, url: str) -> str:  # noqa: ARG001 - one of `_FURTHER`
    return ""


def _odata(body: bytes, url: str) -> str:
    page = _page(body, url)
    inner = page.get("d")
    further = page.get("@odata.nextLink") or (
        inner.get("__next") if isinstance(inner, dict) else ""
    )
    return further if isinstance(further, str) else ""


def _arcgis(body: bytes, url: str) -> str:
    """The query of what comes behind the features of this page."""
    page = _page(body, url)
    inside = page.get("properties")  # where GeoJSON says it
    said = (page, inside if isinstance(inside, dict) else {})
    more = any(one.get("exceededTransferLimit") for one in said)
    features = page.get("features")
    if not more or not isinstance(features, list):
        return ""
    whole = httpx.URL(url)
    offset = int(whole.params.get("resultOffset", "0")) + len(features)
    return str(whole.copy_set_param("resultOffset", str(offset)))


def _maximo(body: bytes, url: str) -> str:
    """Of a server behind others the name it gives itself is not the one it has here."""
    said = _page(body, url).get("responseInfo")
    following = said.get("nextPage") if isinstance(said, dict) else None
    link = following.get("href") if isinstance(following, dict) else None
    if not isinstance(link, str):
        return ""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


_FURTHER = {"maximo": _maximo, "": _none, "odata": _odata, "arcgis": _arcgis}


def _items(body: bytes) -> list[Any]:
    page = json.loads(body)
    items = page.get("d", page)
    if isinstance(items, dict):
        items = items.get("results") or items.get("value") or items.get("member")
    return items if isinstance(items, list) else []


def _sortable(value: str) -> str:
    """A time as ISO 8601, also one of version 2 of OData, else the value itself."""
    if match := _TICKS.fullmatch(value):
        moment = _EPOCH + timedelta(milliseconds=int(match[1]))
        return f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{moment:%f}"[:4] if moment.microsecond else "")
    return value
