"""The network as operated."""

from __future__ import annotations

from cim.message import Message


class Network:
    """A value; `after` is the next one."""

    @classmethod
    def empty(cls) -> Network:
        """A network with nothing in it."""
        return cls()

    def after(self, message: Message) -> Network:
        """The network once `message` has happened."""
        del message
        return self
