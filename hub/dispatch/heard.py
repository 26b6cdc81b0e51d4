"""Hand a message to an app: it hears only times that are such."""

from __future__ import annotations

from collections.abc import Iterable

from cim.heard import heard, odd
from cim.message import Message, Outgoing, Verb
from cim.replies import failed
from hub.interfaces import App, Context


def handed(app: App, message: Message, context: Context) -> Iterable[Outgoing]:
    """What an app says of a message; a request with a time that is none is refused in its place.

    message: as it was told.
    """
    if broken := odd(message):
        return [Outgoing(Verb.REPLY, reply=failed(broken))]
    return app.handle(heard(message, context.now), context)
