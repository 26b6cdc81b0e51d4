"""Dead letters grouped by what went wrong, and handing them over again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hub.console.identity import Identity
from hub.console.view import ConsoleView
from hub.journal.queries import Dead
from hub.security import audit

LISTED = 500
"""Dead letters on one page, and in one replay, at most."""

_VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|'[^']*'|\"[^\"]*\"|\d[\d.:,T+Z-]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Group:
    """Dead letters of one subscriber that failed alike; `example` is the error of the newest."""

    subscriber: str
    signature: str
    example: str
    letters: tuple[Dead, ...]

    @property
    def seqs(self) -> tuple[int, ...]:
        return tuple(letter.message.seq for letter in self.letters)


def grouped(letters: Sequence[Dead]) -> list[Group]:
    """By subscriber and error signature, the largest group first."""
    groups: dict[tuple[str, str], list[Dead]] = {}
    for letter in letters:
        key = letter.delivery.subscriber, signature(letter.delivery.error)
        groups.setdefault(key, []).append(letter)
    found = [
        Group(subscriber, sign, members[0].delivery.error or sign, tuple(members))
        for (subscriber, sign), members in groups.items()
    ]
    return sorted(found, key=lambda g: (-len(g.letters), g.subscriber, g.signature))


def signature(error: str | None) -> str:
    """The last line of an error with what varies (numbers, ids, quoted values) taken out."""
    lines = [line.strip() for line in (error or "").splitlines() if line.strip()]
    return _VARYING.sub("…", lines[-1])[:200] if lines else "no reason was given"


def replay(
    view: ConsoleView, identity: Identity, subscriber: str, seqs: Sequence[int], reason: str
) -> list[int]:
    """Hand these dead letters over again and return those that still were dead.

    Act and audit commit together; letters that died since the page was loaded are left alone.
    """
    with view.journal.transaction() as transaction:
        again = [seq for seq in sorted(set(seqs)) if transaction.replay(subscriber, seq)]
        audit.record(
            transaction.connection,
            identity.name,
            "delivery.replay",
            subscriber,
            audit.OK if again else audit.REFUSED,
            {"reason": reason, "messages": again},
            view.clock(),
        )
    return again
