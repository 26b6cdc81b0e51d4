"""The hub's own answer to `get` StateVariables: the network as operated, not what the journal has.

Request.ID asks for equipment, nodes or islands, by mRID, equipment by name too; without any the
whole state is told, never in pages.  EndTime asks for the state as the hub knew it then.  What was
computed, such as voltages, is told by whoever computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import MetaData

from cim.message import Message, Outgoing, Request, Topic, Verb
from cim.network import Network
from cim.replies import done, failed, partial
from cim.times import zoned
from cim.violation import Violation
from hub.history.operated import part, state, told
from hub.history.past import Past
from hub.interfaces import Context

NAME = "network-answers"
NOUN = "StateVariables"
NOT_SO, CUT, NOTHING = "1.8", "0.2", "5.7"
_SHOWN = 20  # sentences in one reply


@dataclass
class NetworkAnswers:
    """Answers `get` StateVariables (`hub.interfaces.App`).

    past: gives the network as it was.
    """

    past: Past
    tables: MetaData | None = None
    partitions: int = 1

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({Topic(Verb.GET, NOUN)})

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        request = message.request or Request()
        if request.start_time is not None:
            yield _refused(NOT_SO, "StartTime says nothing here: a state is of one moment, EndTime")
        elif (end := zoned(request.end_time)) is not None and end < context.now:
            yield _answer(request, self.past.as_of(end), end, context.now)
        else:
            yield _answer(request, context.network, context.now, context.now)


def _answer(request: Request, network: Network, at: datetime, now: datetime) -> Outgoing:
    """What is operated, or that of it which is asked for, and what could not be told."""
    if not network.version:
        return _refused(NOTHING, f"no model of the network was in force at {at.isoformat()}")
    wanted = dict.fromkeys(one.value for one in request.ids if one.value)
    found, strays = part(network, wanted) if wanted else (state(network), [])
    problems = [*map(_stray, strays), *found.problems]
    if strays and len(strays) == len(wanted):
        return _refused(NOTHING, _shown(problems))
    said = partial(CUT, _shown(problems)) if problems else done()
    return Outgoing(Verb.REPLY, told(network, at, now, found), reply=said)


def _stray(designation: str) -> str:
    return f"{designation} is no equipment, and no node or island that is supplied"


def _shown(sentences: Sequence[str]) -> str:
    more = len(sentences) - _SHOWN
    rest = [f"{more} more are not shown"] if more > 0 else []
    return "; ".join([*sentences[:_SHOWN], *rest])


def _refused(code: str, rule: str) -> Outgoing:
    return Outgoing(Verb.REPLY, reply=failed([Violation(code=code, rule=rule)]))
