"""What people have said of where outages are, and of whom they consist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from dms_apps.outage.facts import RELEASE, VOID, Statement

NEW = "new "
"""Before the mRID of an outage that a statement makes."""


class Holds:
    """At an instant: the last word on each outage counts, and of two outages the later word."""

    def __init__(self) -> None:
        self._said: dict[str, Statement] = {}
        self._sure: dict[str, Statement] = {}

    def __bool__(self) -> bool:
        return bool(self._said)

    def hold(self, said: Statement) -> None:
        """An outage is there, and consists of these."""
        outage = said.outage.removeprefix(NEW)
        before = self._said.get(outage)
        if before is not None and before.device != said.device:
            self._sure.pop(outage, None)
        self._said[outage] = said

    def confirm(self, said: Statement) -> bool:
        """Somebody has seen that it is so.  Returns whether it is about an outage that is held
        there; one that is seen elsewhere is held no longer."""
        outage = said.outage.removeprefix(NEW)
        held = self._said.get(outage)
        if held is None:
            return False
        if said.device not in ("", held.device):
            self.release(outage)
            return False
        self._sure[outage] = said
        return True

    def release(self, outage: str) -> bool:
        """What was said of an outage holds no longer.  Returns whether anything was."""
        self._sure.pop(outage.removeprefix(NEW), None)
        return self._said.pop(outage.removeprefix(NEW), None) is not None

    def in_turn(
        self, size: Callable[[Statement], int]
    ) -> Iterator[tuple[Statement, Statement | None]]:
        """Each with the word that confirms it: the latest first, and of those of one time the
        smallest, as when a part is split off."""

        def turn(said: Statement) -> tuple[float, int, datetime, str]:
            return -said.at.timestamp(), size(said), said.arrived_at, said.outage

        for said in sorted(self._said.values(), key=turn):
            yield said, self._sure.get(said.outage.removeprefix(NEW))


def cancelled(said: Iterable[Statement], news: Iterable[Statement]) -> frozenset[str]:
    """mRIDs of outages of which a person has said that they are none, or has just taken back that
    they are: without evidence that is no end, for there was nothing.

    news: what of all that was said is new.
    """
    none = {one.outage for one in said if one.kind == VOID}
    return frozenset(none | {one.outage for one in news if one.kind == RELEASE})
