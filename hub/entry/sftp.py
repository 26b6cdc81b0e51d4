"""Files from a folder of another machine, over SFTP.

A file is taken when its size and time are the same at two looks, and goes into the `done` folder
over there, or away, once it is here for good.  The key of the server must be the one that is
configured: nobody is trusted at first sight.
"""

from __future__ import annotations

import base64
import binascii
import logging
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import paramiko

from hub.disk import put
from hub.entry.waiting import is_full
from hub.feed_settings import Sftp
from hub.folder import free

log = logging.getLogger(__name__)
_SECONDS = 30.0  # that the server may take for any one step
_KEYS = {
    "ssh-ed25519": paramiko.Ed25519Key,
    "ssh-rsa": paramiko.RSAKey,
    "ecdsa-sha2-nistp256": paramiko.ECDSAKey,
    "ecdsa-sha2-nistp384": paramiko.ECDSAKey,
    "ecdsa-sha2-nistp521": paramiko.ECDSAKey,
}


class _State(NamedTuple):
    """What tells one state of a file from another."""

    size: int
    changed: int


class SftpFetch:
    """One folder over there.

    folder:    where its files go.
    max_bytes: a larger file stays where it is, and the log says so.
    """

    def __init__(self, settings: Sftp, folder: Path, max_bytes: int) -> None:
        """Raises: ValueError for a key that is none."""
        self._settings, self._folder, self._max_bytes = settings, folder, max_bytes
        self._host_key = host_key(settings.host_key)
        self._seen: dict[str, _State] = {}
        self._told: set[str] = set()

    @property
    def pause(self) -> float:
        """Seconds between two looks."""
        return self._settings.interval

    def step(self) -> bool:
        """Look once and fetch what is complete; False, so that its caller pauses.

        Raises: ConnectionError when the server cannot be reached or is another one; OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if is_full(self._folder, self._settings.most):
            return False
        with self._connected() as server:
            found = self._look(server)
            for name, state in sorted(found.items(), key=lambda one: (one[1].changed, one[0])):
                if self._seen.get(name) == state and not is_full(self._folder, self._settings.most):
                    self._fetch(server, name, state)
            self._seen = found
        return False

    def _look(self, server: paramiko.SFTPClient) -> dict[str, _State]:
        found = {}
        for one in server.listdir_attr(self._settings.path):
            wanted = fnmatchcase(one.filename, self._settings.pattern) and _is_plain(one.filename)
            if not wanted or not stat.S_ISREG(one.st_mode or 0) or not one.st_size:
                continue
            if one.st_size > self._max_bytes:
                self._tell_once(one.filename, one.st_size)
                continue
            found[one.filename] = _State(one.st_size, one.st_mtime or 0)
        return found

    def _tell_once(self, name: str, size: int) -> None:
        if name not in self._told:
            log.warning("%s stays at the server: %d bytes, at most %d", name, size, self._max_bytes)
            self._told.add(name)

    def _fetch(self, server: paramiko.SFTPClient, name: str, state: _State) -> None:
        path = f"{self._settings.path.rstrip('/')}/{name}"
        with server.open(path, "rb") as file:
            file.prefetch(state.size)
            data = file.read(self._max_bytes + 1)
        now = server.stat(path)
        if len(data) != state.size or _State(now.st_size or 0, now.st_mtime or 0) != state:
            return  # it is being written after all
        put(free(self._folder, name), data)
        self._put_away(server, path, name)

    def _put_away(self, server: paramiko.SFTPClient, path: str, name: str) -> None:
        if self._settings.done:
            with suppress(OSError):  # it is there already
                server.mkdir(self._settings.done)
            _move(server, path, f"{self._settings.done.rstrip('/')}/{name}")
        else:
            server.remove(path)

    @contextmanager
    def _connected(self) -> Iterator[paramiko.SFTPClient]:
        given = self._settings
        try:
            with socket.create_connection((given.host, given.port), timeout=_SECONDS) as connection:
                transport = paramiko.Transport(connection)
                try:
                    transport.connect(
                        hostkey=self._host_key,
                        username=given.username,
                        password=given.password or None,
                        pkey=_own_key(given.key),
                    )
                    server = paramiko.SFTPClient.from_transport(transport)
                    assert server is not None  # noqa: S101 - the transport is open
                    server.get_channel().settimeout(_SECONDS)
                    yield server
                finally:
                    transport.close()
        except (paramiko.SSHException, EOFError, TimeoutError, socket.gaierror) as error:
            raise ConnectionError(f"sftp {given.host}:{given.port}: {error}") from error


def _move(server: paramiko.SFTPClient, path: str, target: str) -> None:
    """Rename, in the place of what is there."""
    try:
        server.posix_rename(path, target)
    except OSError:  # not every server has this extension, and the plain one replaces nothing
        with suppress(FileNotFoundError):
            server.remove(target)
        server.rename(path, target)


def _own_key(path: Path | None) -> paramiko.PKey | None:
    return None if path is None else paramiko.PKey.from_path(path)


def host_key(text: str) -> paramiko.PKey:
    """A key as it stands in a known_hosts file: "ssh-ed25519 AAAA...".

    Raises: ValueError.
    """
    kind, _, rest = text.strip().partition(" ")
    try:
        return _KEYS[kind](data=base64.b64decode(rest.split()[0]))
    except (KeyError, IndexError, binascii.Error, paramiko.SSHException, ValueError) as error:
        raise ValueError(
            f'host_key {text[:30]!r} is no public key such as "ssh-ed25519 AAAA..."; known are'
            f" {', '.join(_KEYS)}"
        ) from error


def _is_plain(name: str) -> bool:
    """Whether a name that a server tells may become one of ours."""
    return name.isprintable() and "/" not in name and not name.startswith(".") and len(name) <= 200
