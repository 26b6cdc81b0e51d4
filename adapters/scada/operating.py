"""Controls are carried out: once, confirmed by their indication within their time, or reported.

Of each it is noted in the hub's database, for good before anything is sent, that it is begun, and
what is to confirm it.  What was begun is never sent again, whatever happens and whichever hub goes
on: its indication may still tell that it was done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Lock
from typing import NoReturn

from adapters.scada.clock import utc_now
from adapters.scada.controls import Order
from adapters.scada.front import Front, Station
from adapters.scada.outcomes import Outcome, Outcomes
from adapters.scada.outputs import Denied, Doubtful, NotSent
from adapters.scada.samples import Sample
from cim.violation import Refusal

log = logging.getLogger(__name__)

NOT_TRIED, FAILED = "5.2", "5.3"
AHEAD = 5.0
"""Seconds that the clock of who asks may be ahead of ours."""
_LOOK = 0.02  # seconds between two looks at an indication


class Operator:
    """front:   gives the front end that runs, None while there is none.
    oldest:  seconds after which a control is refused, not carried out late.
    """

    def __init__(
        self,
        front: Callable[[], Front | None],
        outcomes: Outcomes,
        oldest: float,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._front, self._outcomes, self._oldest, self._now = front, outcomes, oldest, now
        self._stopping = Event()
        self._lock = Lock()
        self._busy: set[str] = set()

    def stop(self) -> None:
        """Let go of who waits; what was begun stays noted so."""
        self._stopping.set()

    def carry_out(self, order: Order) -> None:
        """Returns when its indication shows it.

        Raises: Refusal: it was not tried, has failed or nobody knows; ConnectionError: the hub
        stops, or has no database.
        """
        with self._alone(order):
            if known := self._outcomes.of(order.origin):
                self._tell(order, known)
                return
            if late := self._out_of_time(order):
                self._refuse(late)
            front, station = self._ready(order)
            self._select(front, order)
            if self._is_begun(order):
                begun = time.monotonic()
                self._confirm(order, station, begun, self._operate(front, order))

    def recall(self, order: Order) -> None:
        """What became of one that may have been begun, here or by another front end; nothing is
        sent.  Raises: as `carry_out`."""
        with self._alone(order):
            # Begun here, if by nobody: whoever was about to is too late then, however slow it is.
            if self._outcomes.of(order.origin) is None and self._outcomes.begin(order):
                self._fail(
                    order,
                    f"{order.said} was not carried out: it was asked for before this front end"
                    " became the active one, nobody has begun it, and nobody will: ask anew",
                )
            self._tell_noted(order)

    @contextmanager
    def _alone(self, order: Order) -> Iterator[None]:
        """One control of a point, and of an indication, at a time."""
        mine = {order.output.point.name, order.indication.name}
        with self._lock:
            if self._busy & mine:
                self._refuse(f"another control of {order.indication.name} is in progress")
            self._busy |= mine
        try:
            yield
        finally:
            with self._lock:
                self._busy -= mine

    # -- before

    def _out_of_time(self, order: Order) -> str:
        """Why it comes too late, or too soon; "" when it does not."""
        age = (self._now() - order.asked).total_seconds()
        if age > self._oldest:
            return f"it is {age:.0f} s old, of at most {self._oldest:g} s, by its Timestamp"
        if age < -AHEAD:
            return f"its Timestamp is {-age:.0f} s ahead of the clock of this hub"
        return ""

    def _ready(self, order: Order) -> tuple[Front, Station]:
        """The RTU is reached, the indication is known, and not yet what is wanted."""
        front, rtu = self._front(), order.output.point.rtu
        station = front.stations.get(rtu) if front else None
        if front is None or station is None or not station.line.link.is_reached:
            self._refuse(f"the RTU {rtu} is not reached")
        shown = station.shown.get(order.indication.name)
        if shown is None:
            self._refuse(f"nothing is known of its indication {order.indication.name}")
        sample, _ = shown
        if sample.flags or sample.raw is None:
            said = order.shown(sample)
            self._refuse(f"its indication {order.indication.name} is not to be trusted: {said}")
        if order.is_state and order.is_shown(sample):
            said = order.shown(sample)
            self._refuse(f"its indication {order.indication.name} shows {said} already")
        return front, station

    def _refuse(self, why: str) -> NoReturn:
        raise _refusal(NOT_TRIED, f"nothing was sent: {why}")

    def _select(self, front: Front, order: Order) -> None:
        try:
            front.select(order.output)
        except (NotSent, Denied, Doubtful) as error:
            why = f"{order.said} was not carried out, it could not be selected: {error}"
            raise _refusal(FAILED, why) from error

    def _is_begun(self, order: Order) -> bool:
        """Whether it may be sent now; False when what another one has begun is confirmed.

        Raises: Refusal, ConnectionError.
        """
        if not self._outcomes.begin(order):
            self._tell_noted(order)
            return False
        # Again, for the database may have kept it waiting.
        if late := self._out_of_time(order):
            self._fail(order, f"{order.said} was not carried out, nothing was sent: {late}")
        return True

    # -- what cannot be taken back

    def _operate(self, front: Front, order: Order) -> str:
        """Why it is not known whether it was carried out; "" when the RTU has said so.

        Raises: Refusal, when it surely was not.
        """
        log.info("control %s: %s", order.origin, order.said)
        try:
            front.operate(order.output)
        except NotSent as error:
            self._fail(order, f"{order.said} was not carried out, it was not sent: {error}")
        except Denied as error:
            self._fail(order, f"{order.said} was not carried out, the RTU refuses it: {error}")
        except Doubtful as error:
            return str(error)
        return ""

    def _confirm(self, order: Order, station: Station | None, begun: float, doubt: str) -> None:
        """Until the indication shows it, or its time is over.  Raises: Refusal, ConnectionError."""
        end = time.monotonic() + order.output.point.within
        sample = None
        while time.monotonic() < end:
            station = station or self._station(order)
            sample = _shown(order, station, begun)
            if sample and order.is_shown(sample):
                self._outcomes.end(order.origin)
                return
            if self._stopping.wait(_LOOK):
                raise ConnectionError("the hub stops")
        where = f"{order.indication.name} " + (
            f"shows {order.shown(sample)}" if sample else "tells nothing"
        )
        after = f"after {order.output.point.within:g} s {where}"
        if doubt or sample is None:
            doubt = doubt or "the RTU has taken it"
            self._fail(
                order,
                f"UNKNOWN whether {order.said} was carried out: {doubt}; {after}; it is not sent"
                " again: look at the device, then ask anew",
            )
        self._fail(order, f"{order.said} is not confirmed: the RTU has taken it, {after}")

    def _fail(self, order: Order, why: str) -> NoReturn:
        self._outcomes.end(order.origin, why)
        raise _refusal(FAILED, why)

    def _tell_noted(self, order: Order) -> None:
        """What became of one that somebody has begun."""
        known = self._outcomes.of(order.origin)
        self._tell(order, known or Outcome(ended=False, expected=order.expected))

    def _tell(self, order: Order, known: Outcome) -> None:
        """Again what became of it; of what was begun and no more, what its indication shows."""
        if known.ended and known.why:
            raise _refusal(FAILED, known.why)
        if not known.ended and known.expected != order.expected:
            self._fail(
                order,
                f"UNKNOWN whether {order.said} was carried out: it was begun when the table of"
                f" points said that {known.expected} confirms it; it is not sent again: look at the"
                " device, then ask anew",
            )
        if not known.ended:
            self._confirm(order, None, 0.0, "the hub ended while it was carried out")

    def _station(self, order: Order) -> Station | None:
        front = self._front()
        return front.stations.get(order.output.point.rtu) if front else None


def _shown(order: Order, station: Station | None, begun: float) -> Sample | None:
    """What the RTU has told of the indication since then, or, as it tells changes only, before."""
    found = station.shown.get(order.indication.name) if station else None
    if station is None or found is None or not station.line.link.is_reached:
        return None
    sample, at = found
    return sample if at >= begun or station.line.tells_changes else None


def _refusal(code: str, why: str) -> Refusal:
    return Refusal.of(code, why)
