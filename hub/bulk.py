"""What an app adds that takes many messages together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from cim.message import Message, Outgoing, Topic
from hub.interfaces import Context


class Accepted(Protocol):
    """One message of the journal, in the hands of an app that takes many at once."""

    @property
    def message_id(self) -> str: ...

    @property
    def body(self) -> bytes:
        """The bytes as the journal has them: edition 1, payload as XSD XML, written by the hub."""
        ...

    @property
    def message(self) -> Message:
        """The same, decoded when it is asked for."""
        ...


@runtime_checkable
class Bulk(Protocol):
    """What an app adds that takes many messages together, quicker than one by one."""

    @property
    def bulk(self) -> frozenset[Topic]:
        """Of its topics those of which it does; all of events.

        What it says of them does not depend on `Context.before` and `Context.after`.
        """
        ...

    def handle_all(
        self, messages: Sequence[Accepted], context: Context
    ) -> Iterable[Iterable[Outgoing]]:
        """What `App.handle` would say of each of them in turn, all of topics in `bulk`; when
        anything is raised, that is tried."""
        ...
