"""What holds for the facts of a source: how long they may take until they are here, and more.

Clocks that cannot be right are found here, too.

What lies in the future is no fact and is refused. What is late is taken nevertheless and says so,
in the property `Late` of its header, so that who acts on news can leave it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from cim.message import LATE, Outgoing, Property
from cim.profile import Profile, attributes

_SEEN = 100  # facts of a source by which its clock is judged
_ENOUGH = 20
_AHEAD = timedelta(minutes=5)  # that the clocks of two machines may differ


@dataclass(frozen=True, kw_only=True)
class Window:
    """late:  seconds after which a fact comes late; 0 for never.
    ahead: seconds that one may lie in the future; 0 for any.
    setting: that says `ahead`, for people.
    keeps: share of each class of objects that a model must still have when a snapshot takes its
           place (`shrinking`); 0: whatever is missing is gone.
    """

    late: float = 0.0
    ahead: float = 0.0
    setting: str = "ahead"
    keeps: float = 0.0

    def check(self, outgoing: Outgoing, now: datetime) -> None:
        """A fact of the future would outlast all that is said of its object until then.

        Raises: ValueError naming field, value, our time and the setting.
        """
        at = outgoing.at
        if at is None or not self.ahead or (at - now).total_seconds() <= self.ahead:
            return
        raise ValueError(
            f"{_field(outgoing.payload, at)} {at.isoformat()} is {_spoken(at - now)} in the future:"
            f" it is {now.isoformat(timespec='seconds')}, and {self.setting} allows"
            f" {self.ahead:g} s; is its clock or time zone wrong?"
        )

    def age(self, at: datetime | None, now: datetime) -> float:
        """How many seconds ago a fact was that is late; 0 for one that is not."""
        if at is None or not self.late:
            return 0.0
        age = (now - at).total_seconds()
        return age if age > self.late else 0.0


def marked(outgoing: Outgoing, age: float) -> Outgoing:
    """The same, marked when it is late; of several facts, by the oldest."""
    if not age:
        return outgoing
    mark = Property(LATE, f"PT{round(age)}S")
    return replace(outgoing, properties=(*outgoing.properties, mark))


class Clocks:
    """Judges the clock of each source by how long its latest facts took.

    The quickest of many takes seconds or minutes; when it takes hours, a clock or a time zone is
    wrong, or everything is held up on the way.  A fact from the future is none.
    """

    def __init__(self) -> None:
        self._lags: dict[str, deque[timedelta]] = {}
        self._lock = Lock()

    def look(self, source: str, at: datetime, now: datetime) -> None:
        """Note a fact."""
        with self._lock:
            self._lags.setdefault(source, deque(maxlen=_SEEN)).append(now - at)

    def wrong(self, usual: Mapping[str, timedelta]) -> dict[str, str]:
        """Sources whose clock cannot be right, and why.

        usual: of each source, how long the quickest of many facts takes at most.
        """
        with self._lock:
            lags = {source: list(found) for source, found in self._lags.items()}
        said = {
            source: _judged(found, usual[source])
            for source, found in sorted(lags.items())
            if source in usual
        }
        return {source: why for source, why in said.items() if why}


def _judged(lags: list[timedelta], usual: timedelta) -> str:
    least = min(lags)
    if least < -_AHEAD:
        return (
            f"its clock or time zone is wrong: of its last {len(lags)} facts one lies"
            f" {_spoken(-least)} in the future"
        )
    if len(lags) >= _ENOUGH and least > usual:
        return (
            f"its clock or time zone may be wrong: each of its last {len(lags)} facts was at least"
            f" {_spoken(least)} ago when it came"
        )
    return ""


def _field(said: object, at: datetime) -> str:
    """The attribute that says `at`, e.g. "EndDeviceEvent.createdDateTime"."""
    return next(_fields(said, at), "its time")


def _fields(said: object, at: datetime) -> Iterator[str]:
    if not isinstance(said, Profile):
        return
    for one in attributes(type(said)):
        value = getattr(said, one.name)
        if value == at:
            yield f"{type(said).__name__}.{one.tag}"
        for part in value if isinstance(value, tuple) else (value,):
            yield from _fields(part, at)


def _spoken(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60):,} days"
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
