"""What the hub's front door takes, put together."""

from __future__ import annotations

from pathlib import Path

import httpx

from cim.violation import Refusal
from hub.config import Config, Http
from hub.journal.canonical import encode
from hub.main import Running
from hub.public_settings import Public
from hub.security import systems
from hub.security.roles import Role
from tests import fakes

FOLDER = Path(__file__).parents[3] / "config"


def test_what_is_too_large_is_refused_as_other_things_are_there(tmp_path: Path) -> None:
    http = Http(port=0, body_bytes=2_000)
    config = Config(data=tmp_path, adapters=(), apps=(), http=http, folder=FOLDER)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    with Running(config, {}) as hub:
        largest, larger = (
            httpx.post(f"{hub.url}/login", content=b"a" * size, headers=headers).status_code
            for size in (64 * 1024, 64 * 1024 + 1)
        )
        nobody, large, small = (
            httpx.post(f"{hub.url}/api/v1/{path}", content=b"a" * size)
            for path, size in (
                ("feeds/ami/files/a.csv", 2_000),
                ("feeds/ami/files/a.csv", 2_001),
                ("subscriptions", 64 * 1024 + 1),
            )
        )
    assert (largest, larger) == (422, 413)
    assert nobody.status_code == 401
    for answer, size, most in ((large, 2_001, 2_000), (small, 65_537, 65_536)):
        assert answer.headers["content-type"] == nobody.headers["content-type"]
        assert answer.status_code == 413
        assert answer.json() == {
            "title": "Request Entity Too Large",
            "status": 413,
            "detail": f"The body has {size} bytes; at most {most} are accepted.",
        }


def test_refused_bytes_come_back_corrected_through_the_door(tmp_path: Path) -> None:
    """A message that is larger than what else the console takes, over REST."""
    config = Config(data=tmp_path, adapters=(), apps=(), http=Http(port=0), folder=FOLDER)
    long = fakes.message(fakes.last_gasp("a", reason="x" * 100_000), message_id="m-1")
    right = encode(long)
    with Running(config, {}) as hub:
        with hub.journal.transaction() as transaction:
            roles, now = hub.roles, transaction.now
            for name, held in (("ami", Role.VIEWER), ("engine", Role.ENGINEER)):
                system = systems.named(name, roles=(held,))
                token = systems.add(transaction.connection, "test", system, roles, now)
            refusal = Refusal.of("1.8", "wrong")
            number = transaction.quarantine("soap", "ami", "soap", b"<a/>", refusal)
        headers = {"authorization": f"Bearer {token}"}
        url = f"{hub.url}/api/v1/quarantine/{number}/correct"
        answer = httpx.post(url, content=right, headers=headers)
        form = {"content-type": "application/x-www-form-urlencoded"}
        sizes = (1024 * 1024, 1024 * 1024 + 1)
        page = f"{hub.url}/quarantine/{number}/correct"
        edited = [httpx.post(page, content=b"a" * n, headers=form).status_code for n in sizes]
    assert answer.json() == {"item": number, "state": "corrected", "messages": [1]}
    assert edited == [303, 413]


def test_what_everybody_may_know_needs_no_login(tmp_path: Path) -> None:
    for enabled, status in ((True, 200), (False, 404)):
        public = Public(enabled=enabled)
        http = Http(port=0)
        config = Config(
            data=tmp_path, adapters=(), apps=(), http=http, folder=FOLDER, public=public
        )
        with Running(config, {}) as hub:
            page, rest = (
                httpx.get(f"{hub.url}/{path}") for path in ("public", "api/v1/public/outages")
            )
            others = httpx.get(f"{hub.url}/api/v1/outages")
        assert (page.status_code, rest.status_code, others.status_code) == (status, status, 401)
        assert rest.headers["cache-control"] == ("public, max-age=30" if enabled else "no-store")
        if enabled:
            assert rest.json()["customers_affected"] == 0
