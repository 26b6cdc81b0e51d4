"""What dispatchers decide of outages, as the history goes along with it."""

from __future__ import annotations

from datetime import datetime

from dms_apps.outage.course import Course
from dms_apps.outage.episodes import RESTORED, RETURNING, Episode
from dms_apps.outage.facts import Statement


class Decided(Course):
    """Decisions stay until power comes back, or somebody decides otherwise."""

    def _hold(self, said: Statement, _at: datetime) -> None:
        self._belief.hold(said)

    def _release(self, said: Statement, _at: datetime) -> None:
        self._belief.release(said.outage)

    def _step(self, said: Statement, at: datetime) -> None:
        """Power is back at some usage points of an outage; nothing follows for the others."""
        self._belief.renew()
        for point in said.points:
            episode = self._without(point)
            if episode is None or point in episode.ends:
                continue
            if episode in self._belief.live:
                self._begin_return(episode)
                episode.outage = episode.outage or said.outage
            self._end(episode, point, at, inferred=False)
            episode.heard(said.arrived_at)
            self._supply(point)
            self._belief.held.pop(point, None)
            dark = self._dark.get(point)
            if dark is not None and dark.started <= at:
                self._forget(point)
            if episode.state == RETURNING and len(episode.ends) == len(episode.points):
                episode.at, episode.state = at, RESTORED
        self._belief.is_stale = True

    def _without(self, point: str) -> Episode | None:
        """The outage for which a usage point is without power."""
        dark = self._dark.get(point)
        if dark is not None and dark.known is not None:
            return dark.known
        belief = self._belief
        return self._lost.get(point) or belief.member.get(point) or belief.held.get(point)

    def _begin_return(self, live: Episode) -> None:
        """From now on power comes back by and by where `live` has taken it."""
        self._done.append(live)
        self._belief.take_out(live)
        live.state = RETURNING
        for point in live.points:
            self._belief.held[point] = live
            if (dark := self._dark.get(point)) is not None:
                dark.held = live
