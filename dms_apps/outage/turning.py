"""What switching does for those of whom no switch tells that they lost supply."""

from __future__ import annotations

from datetime import datetime

from dms_apps.outage.deciding import Decided
from dms_apps.outage.facts import Word
from dms_apps.outage.trees import Turn


class Turned(Decided):
    """Power comes back by another way to some of an outage; the others are left."""

    def _turn(self, turn: Turn, at: datetime) -> None:
        """Whom switching supplies another way has power, whatever is open on the way of before."""
        self._belief.renew()
        live = [*self._belief.live]
        left = [one for one in dict.fromkeys(self._belief.held.values()) if one.still]
        devices = {one.device for one in (*live, *left)}
        for one in (*live, *left):
            without = one.still or one.points.keys()
            back = [
                point for point in without & turn.moved
                if one.device in turn.was[point]
                and point not in turn.dead and devices.isdisjoint(turn.way[point])
            ]  # fmt: skip
            if back:
                if not one.still:
                    self._begin_return(one)
                one.still = without - set(back)
                for point in back:
                    self._end(one, point, at, inferred=True)
                self._settle_later(one, at)
                self._belief.is_stale = True
        self._belief.tree = self._belief.trees.after(turn)

    def _is_left(self, point: str) -> bool:
        """Whether it is one of those whom power that came back to others did not reach."""
        held = self._belief.held.get(point)
        return held is not None and point in held.still

    def _left_has_power(self, word: Word, at: datetime) -> None:
        """One of these has it, and says nothing of the others."""
        held = self._belief.held.pop(word.point)
        held.still = held.still - {word.point}
        self._end(held, word.point, at, inferred=False)
        held.heard(word.arrived_at)
        if not held.still:
            self._settle_later(held, at)
