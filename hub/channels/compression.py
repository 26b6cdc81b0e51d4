"""When a payload goes compressed (IEC 61968-100, Payload/Compressed)."""

from __future__ import annotations

from dataclasses import dataclass

from cim import envelope
from cim.message import Format, Message


@dataclass(frozen=True)
class Compression:
    """always: every payload.  above: those of messages that have more bytes; None: no size does."""

    always: bool = False
    above: int | None = None

    def of(self, message: Message, format_: Format) -> bool:
        """Whether the payload of `message` goes compressed."""
        if self.always or self.above is None or message.payload is None:
            return self.always
        return len(envelope.write(message, format=format_)) > self.above


NEVER = Compression()
