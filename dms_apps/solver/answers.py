"""Requests for an analysis, and how they are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cim.message import Message, Outgoing, Reply, Verb
from cim.replies import done, failed, partial
from cim.violation import Violation as Fault

ANALYSIS = "analysis"
"""The Request.Option that says which analysis is wanted."""
NOTHING, CUT, FAILED, NOT_SO = "5.7", "0.2", "5.3", "1.8"
_SHOWN = 20


def options(message: Message) -> Mapping[str, str]:
    """The Request.Option of a request, by name."""
    asked = message.request.options if message.request else ()
    return {one.name: one.value or "" for one in asked}


def answered(missing: Sequence[str], remarks: Sequence[str]) -> Reply:
    """That it was answered: in part alone where something of what was asked is not in it.

    missing: sentences about that.
    remarks: sentences about what was assumed or left out; they make no answer partial.
    """
    said = list(dict.fromkeys((*missing, *remarks)))
    more = len(said) - _SHOWN
    rest = [f"{more} more are not shown"] if more > 0 else []
    details = "; ".join([*said[:_SHOWN], *rest])
    return partial(CUT, details) if missing else done(details)


def refused(code: str, rule: str) -> Outgoing:
    """That it was not answered, and why."""
    return Outgoing(Verb.REPLY, reply=failed([Fault(code=code, rule=rule)]))
