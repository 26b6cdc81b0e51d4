"""Client certificates and tokens become principals."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import trustme

from hub.front import Credentials, Door, Identity, Principal, Route, Server


@dataclass
class Tls:
    """An authority, and where the files of the server lie."""

    authority: trustme.CA
    folder: Path

    def context(self, client: trustme.LeafCert | None) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if client is not None:
            client.configure_cert(context)
        return context


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    server.private_key_pem.write_to_path(folder / "key.pem")
    server.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    return Tls(authority, folder)


@pytest.fixture(scope="module")
def url(tls: Tls, echo_route: Route) -> Iterator[str]:
    server = Server(
        app=Door([echo_route]),
        port=0,
        certificate=tls.folder / "certificate.pem",
        key=tls.folder / "key.pem",
        client_ca=tls.folder / "ca.pem",
    )
    with server.start() as front:
        yield front.url


def test_the_subject_of_a_client_certificate_reaches_the_application(tls: Tls, url: str) -> None:
    client = tls.authority.issue_cert(common_name="ami-head-end", organization_name="Utility, Ltd")
    answer = httpx.get(url, verify=tls.context(client))
    assert answer.text.startswith("0 bytes from CN=ami-head-end,")
    assert answer.text.endswith(r"O=Utility\, Ltd")
    assert "strict-transport-security" in answer.headers


def test_without_a_certificate_nobody_comes(tls: Tls, url: str) -> None:
    assert httpx.get(url, verify=tls.context(None)).text == "0 bytes from nobody"


def test_a_certificate_of_another_authority_is_turned_away(tls: Tls, url: str) -> None:
    rogue = trustme.CA().issue_cert(common_name="ami-head-end")
    with pytest.raises(httpx.TransportError):
        httpx.get(url, verify=tls.context(rogue))


class System(NamedTuple):
    """A principal."""

    name: str


def test_a_yes_is_remembered_for_a_moment_and_a_no_never() -> None:
    asked: list[Credentials] = []
    now = 0.0

    def authenticate(authorization: str | None, certificate: str | None) -> Principal | None:
        asked.append(Credentials(authorization, certificate))
        return System("ami") if authorization == "Bearer good" else None

    async def run() -> None:
        nonlocal now
        identity = Identity(authenticate, seconds=5, clock=lambda: now)
        good, bad = Credentials("Bearer good", None), Credentials("Bearer bad", None)
        assert await identity(Credentials(None, None)) is None
        assert asked == []
        for shown in (good, good, bad, bad):
            found = await identity(shown)
            assert (found is not None) == (shown is good)
        assert asked == [good, bad, bad]
        now = 5.0
        assert await identity(good) is not None
        assert asked == [good, bad, bad, good]

    asyncio.run(run())
