"""What holds for the facts of a source: how long they may take until they are here, and more.

Clocks that cannot be right are found here, too.

What lies in the future is no fact and is refused. What is late is taken nevertheless and says so,
in the property `Late` of its header, so that who acts on news can leave it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cim.message import LATE, Outgoing, Property
from cim.profile import Profile, attributes

_ENOUGH = 20  # facts of a source, by which its clock is judged
_AHEAD = timedelta(minutes=5)  # that the clocks of two machines may differ


@dataclass(frozen=True, kw_only=True)
class Window:
    """late:  seconds after which a fact comes late; 0 for never.
    ahead: seconds that one may lie in the future; 0 for any.
    setting: that says `ahead`, for people.
    usual: seconds that the quickest of many takes at most; 0: it may take any time.
    keeps: share of each class of objects that a model must still have when a snapshot takes its
           place (`shrinking`); 0: whatever is missing is gone.
    """

    late: float = 0.0
    ahead: float = 0.0
    setting: str = "ahead"
    usual: float = 0.0
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


class Lags:
    """How many seconds the facts of a source took that were read together."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def look(self, at: datetime, now: datetime) -> None:
        """Note a fact."""
        self.seconds.append((now - at).total_seconds())


def judged(lags: Sequence[float], usual: float) -> str:
    """Why the clock of a source cannot be right; "" when it may be.

    The quickest of many facts takes seconds or minutes; when it takes hours, a clock or a time zone
    is wrong, or everything is held up on the way.  A fact from the future is none.

    lags:  seconds that its latest facts took.
    usual: as `Window.usual`.
    """
    least = timedelta(seconds=min(lags, default=0.0))
    if least < -_AHEAD:
        return (
            f"its clock or time zone is wrong: of its last {len(lags)} facts one lies"
            f" {_spoken(-least)} in the future"
        )
    if usual and len(lags) >= _ENOUGH and least > timedelta(seconds=usual):
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
