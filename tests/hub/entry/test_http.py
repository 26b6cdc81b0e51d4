"""Pages of an HTTP service come as one file: all of them or none, when they are news."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from adapters.erp import ErpAdapter
from adapters.gis.feature_json import tables
from hub.config import ConfigError, load
from hub.entry import HttpPoll
from hub.feed_settings import Http
from hub.main import components


@dataclass
class Service:
    """Answers by path and query; anything else is 404.

    asked: what was asked for, with the Authorization.
    """

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def poll(self, inbox: Path, path: str = "/orders", **more: Any) -> HttpPoll:
        given = {"url": f"{self.url}{path}", "paging": "odata", "name": "orders", **more}
        return HttpPoll(Http(**given), inbox, 10_000)


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown = self.headers.get("Authorization") or self.headers.get("apikey") or ""
            service.asked.append((self.path, shown))
            answer = service.answers.get(self.path)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving() as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    running.answers.clear()
    running.asked.clear()
    return running


def step(poll: HttpPoll) -> None:
    with closing(poll):
        assert poll.step() is False


def wonums(inbox: Path) -> list[str]:
    """The orders in the file, as the ERP adapter reads them; the file is taken."""
    path = inbox / "orders.json"
    found = ErpAdapter(properties={"wonum": "Id"}).records(path.name, path.read_bytes())
    path.unlink()
    return [record["wonum"] for record in found]  # entities


@pytest.mark.parametrize("version", [2, 4])
def test_all_pages_are_one_file(service: Service, tmp_path: Path, version: int) -> None:
    def page(further: str, *ids: str) -> dict[str, Any]:
        items = [{"Id": one} for one in ids]
        if version == 4:
            return {"value": items} | ({"@odata.nextLink": further} if further else {})
        return {
            "d": {"results": items} | ({"__next": f"{service.url}/{further}"} if further else {})
        }

    service.answers |= {
        "/orders": page("orders?skip=2", "1", "2"),
        "/orders?skip=2": page("orders?skip=3", "3"),
        "/orders?skip=3": page("", "4"),
    }
    step(service.poll(tmp_path, token="secret"))
    assert wonums(tmp_path) == ["1", "2", "3", "4"]
    assert {authorization for _, authorization in service.asked} == {"Bearer secret"}
    step(service.poll(tmp_path))  # started anew, and nothing is new
    assert not (tmp_path / "orders.json").exists()
    service.answers["/orders?skip=3"] = page("", "4", "5")
    step(service.poll(tmp_path))
    step(service.poll(tmp_path))  # what waits is not written over
    assert wonums(tmp_path) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("last", "error", "why"),
    [
        (None, ConnectionError, "/more answered 404"),
        ({"error": {"message": "later"}}, ConnectionError, "answered: {'message': 'later'}"),
        (b"<html>", ValueError, "/more: no JSON"),
        ([], ValueError, "/more: no page: it is no JSON object"),
        ({"value": [], "@odata.nextLink": "/orders"}, ValueError, "no end of them"),
        ({"value": ["x" * 10_000]}, ValueError, "more than 10,000 bytes are not read"),
        (
            {"value": [], "@odata.nextLink": "https://elsewhere.example/"},
            ValueError,
            "its next page is elsewhere, at https://elsewhere.example/",
        ),
    ],
)
def test_half_a_list_is_none(
    service: Service, tmp_path: Path, last: Any, error: type[Exception], why: str
) -> None:
    service.answers |= {
        "/orders": {"value": [{"Id": "1"}], "@odata.nextLink": "more"},
        "/more": last,
    }
    with pytest.raises(error) as raised:
        step(service.poll(tmp_path))
    assert why in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_it_goes_on_where_it_ended(service: Service, tmp_path: Path) -> None:
    def asked(since: str, *changed: int) -> None:
        items = [{"Id": str(ms), "Changed": f"/Date({ms})/"} for ms in changed]
        service.answers[f"/orders?since={since.replace(':', '%3A')}"] = {"d": {"results": items}}

    more = {"key": "Changed", "start": "2026-01-01T00:00:00"}
    asked("2026-01-01T00:00:00", 1772442000000, 1772441999000)
    asked("2026-03-02T09:00:00", 1772442000000)
    step(service.poll(tmp_path, "/orders?since={since}", **more))
    assert wonums(tmp_path) == ["1772442000000", "1772441999000"]
    step(service.poll(tmp_path, "/orders?since={since}", **more))
    assert wonums(tmp_path) == ["1772442000000"]
    step(service.poll(tmp_path, "/orders?since={since}", **more))  # as before
    asked("2026-03-02T09:00:00")
    step(service.poll(tmp_path, "/orders?since={since}", **more))  # nothing at all
    assert not (tmp_path / "orders.json").exists()


def test_the_pages_of_maximo_are_asked_for_where_the_first_one_was(
    service: Service, tmp_path: Path
) -> None:
    further = {"nextPage": {"href": "https://inside.example/orders?pageno=2"}, "pagenum": 1}
    service.answers |= {
        "/orders": {"member": [{"Id": "1"}], "responseInfo": further},
        "/orders?pageno=2": {"member": [{"Id": "2"}], "responseInfo": {"pagenum": 2}},
    }
    step(service.poll(tmp_path, paging="maximo", token="secret", header="apikey"))
    assert wonums(tmp_path) == ["1", "2"]
    assert service.asked == [("/orders", "secret"), ("/orders?pageno=2", "secret")]


def test_the_pages_of_a_feature_service_are_read_by_the_gis(
    service: Service, tmp_path: Path
) -> None:
    def page(more: bool, *ids: int) -> dict[str, Any]:
        features = [
            {"type": "Feature", "id": i, "properties": {"no": i}, "geometry": None} for i in ids
        ]
        end = {"properties": {"exceededTransferLimit": True}} if more else {}
        return {"type": "FeatureCollection", "features": features, **end}

    service.answers |= {
        "/query?f=geojson": page(True, 1, 2),
        "/query?f=geojson&resultOffset=2": page(True, 3),
        "/query?f=geojson&resultOffset=3": page(False, 4),
    }
    step(service.poll(tmp_path, "/query?f=geojson", paging="arcgis", name="poles"))
    [layer] = tables("poles.json", {"poles.json": (tmp_path / "poles.json").read_bytes()})
    assert (layer.name, layer.count) == ("poles", 4)


def test_a_document_comes_as_it_is(service: Service, tmp_path: Path) -> None:
    service.answers["/a"] = b"<SyncMXWO/>"
    step(service.poll(tmp_path, "/a", paging="", suffix=".xml"))
    assert (tmp_path / "orders.xml").read_bytes() == b"<SyncMXWO/>"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('url = "http://erp.example"', "http.url is https, http only on loopback"),
        ('url = "https://e.example"\nusername = "x"', "username and password go together"),
        ('url = "https://e.example?{since}"', "http.url names {since} if, and only if, http.key"),
        (
            'url = "https://e.example?{since}"\nkey = "at"',
            'http.key is of paging "odata" or "maximo", and needs http.start',
        ),
    ],
)
def test_settings_that_cannot_be_stop_the_start(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "hub.toml").write_text(f"[feeds.erp.http]\n{text}\n")
    with pytest.raises(ConfigError) as refused:
        components.entry_ways(load(tmp_path, {}), "erp", ErpAdapter(folder=tmp_path))
    assert why in str(refused.value)


def test_what_is_configured_is_polled(service: Service, tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(
        f'[feeds.erp.http]\nurl = "{service.url}/orders"\npaging = "odata"\nname = "orders"\n'
    )
    service.answers["/orders"] = {"value": [{"Id": "1"}]}
    [way] = components.entry_ways(load(tmp_path, {}), "erp", ErpAdapter(folder=tmp_path / "inbox"))
    assert isinstance(way, HttpPoll)
    step(way)
    assert wonums(tmp_path / "inbox") == ["1"]
