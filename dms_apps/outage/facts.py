"""What is known of the supply below some devices: the input of `history`, all by event time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from dms_apps.outage.sections import Indications

DARK, RESTORED, ALIVE = "dark", "restored", "alive"
METER, CALL, ANSWER = "meter", "call", "answer"
MUTE = "mute"
"""Of a meter that could not be reached: that says nothing of supply, and is no word of it."""
CONFIRM, RESTORE, CLOSE, VOID = "confirm", "restore", "close", "void"
HOLD, STEP, RELEASE = "hold", "step", "release"


class Word(NamedTuple):
    """What is said of the supply of one usage point.

    kind: DARK, without power; RESTORED, it has come back; ALIVE, there is power.
    by:   METER; CALL of a customer; ANSWER of one who was called back.
    """

    point: str
    at: datetime
    kind: str
    by: str
    arrived_at: datetime


class Loss(NamedTuple):
    """A usage point lost supply by switching.

    device: the open switch that is to blame, open since `opened`.
    back:   when switching gave it supply again; None: not yet.
    planned: mRID of the planned outage whose switching it is; "" of none.
    is_seen: whether switches are known to have done it; else the planned outage alone says so.
    """

    point: str
    lost: datetime
    back: datetime | None
    device: str
    opened: datetime
    arrived_at: datetime
    planned: str = ""
    is_seen: bool = True


class Position(NamedTuple):
    """A switch said to be open or closed."""

    device: str
    at: datetime
    closed: bool


class Statement(NamedTuple):
    """What a person says.

    kind:   CONFIRM: the device is open; RESTORE: below it, or at the points, power is back, CLOSE:
            and nothing more is to come; STEP: power is back at the points alone, and not at the
            others of the outage; VOID: what was heard of the points means nothing.
            HOLD: the outage is at this device and consists of these members; RELEASE: what was
            said of it, by HOLD or CONFIRM, holds no longer.
    outage: mRID of the outage it was said of; with "new " before it of one that was not yet.
    members: devices, for all below them, and usage points, each with the time since when they are
            without power at the latest.
    """

    kind: str
    device: str
    points: Sequence[str]
    at: datetime
    arrived_at: datetime
    outage: str = ""
    members: Sequence[tuple[str, datetime]] = ()
    id: str = ""


class Window(NamedTuple):
    """When a planned outage is to be, or `is_actual` was: who goes dark in it was told so."""

    mrid: str
    points: frozenset[str]
    begins: datetime
    ends: datetime | None
    is_actual: bool = False

    def covers(self, moment: datetime) -> bool:
        """Whether it is then."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)


@dataclass
class Facts:
    """Of one part of the network that has nothing to do with the others.

    closed: switches that were said to be closed before, and nothing else since.
    indications: what fault indicators show; None where there are none.
    """

    words: list[Word] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    closed: Mapping[str, datetime] = field(default_factory=dict)
    indications: Indications | None = None

    @property
    def times(self) -> list[datetime]:
        """When what is known of them happened."""
        times = [word.at for word in self.words]
        times += [moment for loss in self.losses for moment in (loss.lost, loss.back) if moment]
        times += [since for said in self.statements for _, since in said.members]
        return times + [said.at for said in self.statements]
