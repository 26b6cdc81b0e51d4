"""Files are fetched from a real SFTP server: complete ones, once, from the right server alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from hub.entry import SftpFetch
from hub.entry.sftp import host_key
from tests.hub.entry.sftp_server import Server, WithoutExtensions, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "there") as server:
        yield server


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_complete_file_is_fetched_and_put_away(server: Server, inbox: Path) -> None:
    fetch = SftpFetch(server.settings(pattern="*.csv"), inbox, 1000)
    server.put("a.csv", b"1")
    server.put("b.txt", b"other")
    server.put(".c.csv", b"hidden")
    server.put("d.csv", b"")
    fetch.step()
    assert names(inbox) == []  # it may be being written
    fetch.step()
    assert (inbox / "a.csv").read_bytes() == b"1"
    assert names(server.root / "out") == [".c.csv", "b.txt", "d.csv"]
    assert names(server.root / "out" / "done") == ["a.csv"]
    server.put("a.csv", b"2")
    fetch.step()
    fetch.step()
    assert names(inbox) == ["a.1.csv", "a.csv"]  # the first has not been taken yet
    assert (inbox / "a.1.csv").read_bytes() == b"2"


def test_a_server_without_the_extensions_of_openssh(tmp_path: Path, inbox: Path) -> None:
    with serving(tmp_path / "there", kind=WithoutExtensions) as server:
        fetch = SftpFetch(server.settings(), inbox, 1000)
        for data in (b"1", b"2"):
            server.put("a.csv", data)
            fetch.step()
            fetch.step()
        assert (server.root / "out" / "done" / "a.csv").read_bytes() == b"2"
        assert names(server.root / "out") == []
    assert names(inbox) == ["a.1.csv", "a.csv"]


def test_a_file_that_grows_is_waited_for(server: Server, inbox: Path) -> None:
    fetch = SftpFetch(server.settings(done=""), inbox, 1000)
    path = server.put("a.csv", b"1")
    fetch.step()
    path.write_bytes(b"12")
    fetch.step()
    assert names(inbox) == []
    fetch.step()
    assert (inbox / "a.csv").read_bytes() == b"12"
    assert names(server.root / "out") == []


def test_what_is_too_large_stays_there(
    server: Server, inbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fetch = SftpFetch(server.settings(), inbox, 2)
    server.put("a.csv", b"123")
    for _ in range(3):
        fetch.step()
    assert names(inbox) == []
    assert [r.getMessage() for r in caplog.records if r.name == "hub.entry.sftp"] == [
        "a.csv stays at the server: 3 bytes, at most 2"
    ]


def test_while_many_wait_here_the_others_wait_there(server: Server, inbox: Path) -> None:
    fetch = SftpFetch(server.settings(most=2), inbox, 1000)
    for number in range(3):
        os.utime(server.put(f"{number}.csv", b"1"), (number, number))
    for _ in range(3):
        fetch.step()
    assert names(inbox) == ["0.csv", "1.csv"]
    (inbox / "0.csv").unlink()
    fetch.step()
    assert names(inbox) == ["1.csv", "2.csv"]


def test_a_key_instead_of_a_password(tmp_path: Path, inbox: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "authorized").write_bytes(key.export_public_key())
    (tmp_path / "id").write_bytes(key.export_private_key())
    with serving(tmp_path / "there", tmp_path / "authorized") as server:
        fetch = SftpFetch(server.settings(password="", key=tmp_path / "id"), inbox, 1000)
        server.put("a.csv", b"1")
        fetch.step()
        fetch.step()
    assert names(inbox) == ["a.csv"]


def test_another_server_is_not_trusted(server: Server, inbox: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    settings = server.settings()
    fetch = SftpFetch(settings.__class__(**{**vars(settings), "host_key": other}), inbox, 1000)
    with pytest.raises(ConnectionError, match=r"sftp 127\.0\.0\.1:"):
        fetch.step()


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"port": 1}])
def test_a_server_that_does_not_let_in(
    server: Server, inbox: Path, given: dict[str, object]
) -> None:
    settings = server.settings()
    fetch = SftpFetch(settings.__class__(**{**vars(settings), **given}), inbox, 1000)
    with pytest.raises(ConnectionError):
        fetch.step()


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "abc AAAA", "ssh-rsa ??"])
def test_what_is_no_key_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="is no public key such as"):
        host_key(text)


def test_a_key_is_that_of_known_hosts(server: Server) -> None:
    assert isinstance(host_key(f"{server.host_key} a comment"), paramiko.Ed25519Key)
