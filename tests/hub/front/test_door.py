"""What the door lets through, and with which headers."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest

from hub.front import Door, Server


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/xml", 200),
        ("text/xml; charset=UTF-8", 200),
        ('TEXT/XML;charset="utf-16"', 200),
        ("application/soap+xml", 415),
        ("text/xml; charset=utf-7", 415),
        ("text/xml; charset=iso-8859-1", 415),
        ('multipart/related; type="text/xml"; boundary=x', 415),
        ("", 415),
    ],
)
def test_a_place_names_its_media_types(front: Any, content_type: str, status: int) -> None:
    answer = httpx.post(f"{front.url}/xml", content=b"<a/>", headers={"content-type": content_type})
    assert answer.status_code == status


def test_a_compressed_body_is_refused(front: Any) -> None:
    headers = {"content-type": "text/xml", "content-encoding": "gzip"}
    assert httpx.post(f"{front.url}/xml", content=b"x", headers=headers).status_code == 415


def test_two_content_types_are_refused(front: Any) -> None:
    headers = [("content-type", "text/xml"), ("content-type", "multipart/related")]
    assert httpx.post(f"{front.url}/xml", content=b"x", headers=headers).status_code == 415


@pytest.mark.parametrize("path", ["/xmlish", "/", "/other"])
def test_the_longest_prefix_on_a_boundary_serves(front: Any, path: str) -> None:
    assert httpx.post(f"{front.url}{path}", content=b"not xml").status_code == 200


def test_every_answer_carries_the_security_headers(front: Any) -> None:
    for answer in (httpx.get(front.url), httpx.post(f"{front.url}/xml", content=b"x")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_a_path_without_a_place_is_404() -> None:
    with Server(app=Door([]), port=0).start() as front:
        assert httpx.get(front.url).status_code == 404


def test_beyond_loopback_needs_tls() -> None:
    with pytest.raises(ValueError, match=r"0\.0\.0\.0 is not loopback"):
        Server(app=Door([]), host="0.0.0.0", port=0).start()  # noqa: S104


def test_a_port_that_is_taken_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = Server(app=Door([]), port=other.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            server.start()
