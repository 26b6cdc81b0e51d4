"""An SFTP server of another maker, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import asyncssh

from hub.feed_settings import Sftp

PASSWORD = "let me in"


@dataclass
class Server:
    """root: the folder that is served."""

    root: Path
    port: int = 0
    host_key: str = ""
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)

    def settings(self, **more: object) -> Sftp:
        given = {"password": PASSWORD, "path": "out", "done": "out/done", **more}
        return Sftp(
            host="127.0.0.1",
            port=self.port,
            host_key=self.host_key,
            username="gridbus",
            **given,  # type: ignore[arg-type]
        )

    def put(self, name: str, data: bytes) -> Path:
        path = self.root / "out" / name
        path.write_bytes(data)
        return path


class _Login(asyncssh.SSHServer):
    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("gridbus", PASSWORD)


class WithoutExtensions(asyncssh.SFTPServer):
    """As servers are that are not OpenSSH."""

    def posix_rename(self, _oldpath: bytes, _newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("no posix-rename@openssh.com")


@contextmanager
def serving(
    root: Path,
    authorized: Path | None = None,
    kind: type[asyncssh.SFTPServer] = asyncssh.SFTPServer,
) -> Iterator[Server]:
    """Serve `root` with its folder `out`; authorized: public keys that may log in."""
    (root / "out").mkdir(parents=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = Server(root, host_key=key.export_public_key().decode().strip())
    ready, loop = Event(), asyncio.new_event_loop()
    done = asyncio.Event()

    async def run() -> None:
        listener = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=lambda: _Login(server),
            sftp_factory=lambda channel: kind(channel, chroot=str(root).encode()),
            authorized_client_keys=str(authorized) if authorized else None,
        )
        server.port = listener.get_port()
        ready.set()
        await done.wait()
        listener.close()
        await listener.wait_closed()
        for connection in server.connections:
            connection.abort()
            await connection.wait_closed()
        await asyncio.sleep(0.01)  # the transports close at the loop's next turn

    thread = Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        loop.close()
