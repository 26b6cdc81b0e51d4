"""The unbalanced load flow of a layout by OpenDSS, warm from one moment to the next."""

from __future__ import annotations

from threading import Lock

from dms_apps.solver.energised import Ways
from dms_apps.solver.given import Given
from dms_apps.solver.inverters import follow
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.circuit import Refused
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Options, Solution, unsolved


class Unbalanced:
    """Solves, for several threads in turn; the circuit of the last layout is kept."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._session: Session | None = None

    def solve(self, layout: Layout, given: Given, options: Options) -> Solution:
        """The state of one moment; not converged, with a sentence, where OpenDSS refuses it."""
        with self._lock:
            session = self._of(layout, options)
            try:
                if given.curves:
                    return follow(layout, given, session.solve)
                return session.solve(given)
            except Refused as why:
                self._session = None
                island = Ways.of(layout).islands(given)
                return unsolved(layout, session.engine, island, f"OpenDSS refuses it: {why}")

    def _of(self, layout: Layout, options: Options) -> Session:
        kept = self._session
        if kept is None or kept.layout is not layout or kept.options != options:
            kept = self._session = Session(layout, options)
        return kept
