"""What a stranger can cost: size, time, number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from hub.front import Limits, plain
from hub.front.limits import Limited


def post(path: str = "/", *headers: str, length: int | None = None) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_small_body_passes(front: Any) -> None:
    answer = httpx.post(front.url, content=b"x" * 1_000_000)
    assert (answer.status_code, answer.text) == (200, "1000000 bytes from nobody")


def test_a_larger_body_is_413_and_the_client_can_read_it(front: Any) -> None:
    answer = httpx.post(front.url, content=b"x" * 20_000_000)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert answer.text.endswith(": The body has 20000000 bytes; at most 1000000 are accepted.")


def test_a_body_that_does_not_say_its_size_is_413_too(front: Any) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000

    assert httpx.post(front.url, content=chunks()).status_code == 413


def test_who_asks_before_sending_too_much_is_told_at_once(client: Any) -> None:
    client.send(post("/", "Expect: 100-continue", length=20_000_000))
    assert client.answer().startswith(b"HTTP/1.1 413 ")


def test_headers_that_do_not_end(client: Any) -> None:
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nX-a: ")
    assert client.answer().startswith(b"HTTP/1.1 408 ")


def test_a_connection_without_a_word(client: Any) -> None:
    assert client.answer().startswith(b"HTTP/1.1 408 ")


def test_headers_that_do_not_end_on_the_second_request(client: Any) -> None:
    client.send(post("/", length=0))
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\n")
    first, _, second = client.answer().partition(b"nobody")
    assert first.startswith(b"HTTP/1.1 200 ")
    assert second.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_does_not_come(client: Any) -> None:
    client.send(post(length=100) + b"abc")
    assert client.answer().startswith(b"HTTP/1.1 408 ")


def test_a_large_body_that_does_not_come(client: Any) -> None:
    client.send(post(length=100_000_000) + b"abc")
    assert client.answer().startswith(b"HTTP/1.1 413 ")


def test_a_client_that_hangs_up_harms_nobody(client: Any, front: Any) -> None:
    client.send(post(length=100) + b"abc")
    client.connection.close()
    assert httpx.get(front.url).status_code == 200


def test_pipelined_requests_are_answered_in_order(client: Any) -> None:
    client.send(
        post(length=1) + b"x" + post(length=2) + b"xx" + post("/", "Connection: close", length=0)
    )
    answer = client.answer()
    found = [answer.find(f"{n} bytes".encode()) for n in (1, 2, 0)]
    assert -1 not in found
    assert found == sorted(found)


def test_invalid_http(client: Any) -> None:
    client.send(b"\x16\x03\x01 hello\r\n\r\n")
    assert client.answer().startswith(b"HTTP/1.1 400 ")


def test_a_huge_header(client: Any) -> None:
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nX-a: " + b"x" * 400_000)
    assert client.answer().startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("limits", "bodies"),
    [(Limits(at_once=2), [b""] * 3), (Limits(held_bytes=250), [b"x" * 100] * 3)],
    ids=["too many at once", "too much held"],
)
def test_more_than_is_allowed_together_is_503(limits: Limits, bodies: list[bytes]) -> None:
    """Two requests wait inside; the third is sent away, and after them there is room again."""

    async def run() -> list[int]:
        inside, release = asyncio.Semaphore(0), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            inside.release()
            await release.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body"})

        limited = Limited(app, limits, plain)

        async def call(body: bytes) -> int:
            sent: list[Message] = []

            async def receive() -> Message:
                return {"type": "http.request", "body": body}

            async def send(message: Message) -> None:
                sent.append(message)

            await limited({"type": "http", "headers": []}, receive, send)
            return int(sent[0]["status"])

        waiting = [asyncio.create_task(call(body)) for body in bodies[:2]]
        for _ in waiting:
            await inside.acquire()
        third = await call(bodies[2])
        release.set()
        return [third, *await asyncio.gather(*waiting), await call(bodies[2])]

    assert asyncio.run(run()) == [503, 200, 200, 200]
