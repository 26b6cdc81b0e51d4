"""What an outage hands on when it becomes part of another: crews, restoration time, cause."""

from __future__ import annotations

from dataclasses import replace

from cim.profiles.outages import CrewStatusKind
from dms_apps.outage.lifecycle import weight
from dms_apps.outage.outages import Outage, Step

_AT_WORK = (CrewStatusKind.ASSIGNED, CrewStatusKind.ENROUTE, CrewStatusKind.ARRIVED)
"""Stages of crews that have something left to do, the foremost last."""


def hand_on(step: Step) -> None:
    """Let each outage that became part of another know of which, and that one have its crews while
    it is not over."""
    told = {one.mrid: one for one in (*step.created, *step.changed)}
    ended = {one.mrid for one, _ in step.ended}
    before: dict[str, Outage] = {}
    heirs: dict[str, Outage] = {}
    for number, (over, heir) in enumerate(step.dropped):
        if heir is None or heir.planned:
            continue
        step.dropped[number] = replace(over, heir=heir.mrid), heir
        if not heir.is_open or heir.mrid in ended:
            continue  # which needs nobody any more
        before[heir.mrid] = told.get(heir.mrid, heir)
        one = inherited(heirs.get(heir.mrid, before[heir.mrid]), over)
        heirs[heir.mrid] = replace(one, modified_at=over.modified_at)
    step.created = [heirs.get(one.mrid, one) for one in step.created]
    step.changed = [heirs.get(one.mrid, one) for one in step.changed]
    step.changed += [
        one for mrid, one in heirs.items() if mrid not in told and not one.same_as(before[mrid])
    ]


def inherited(heir: Outage, over: Outage) -> Outage:
    """The one with what the other had, where it has nothing of its own; crews of both go on."""
    said = {
        name: getattr(over, name)
        for name in ("cause", "cause_kind", "remark")
        if getattr(heir, name) is None
    }
    said["incidents"] = _both(heir.incidents, over.incidents)
    if over.crew_status in _AT_WORK:
        said["crews"] = _both(heir.crews, over.crews)
        said["crew_status"] = max(heir.crew_status, over.crew_status, key=_foremost)
    if over.ert and (heir.ert is None or weight(heir.ert_source) < weight(over.ert_source)):
        said |= {name: getattr(over, name) for name in ("ert", "ert_source", "ert_confidence")}
    return replace(heir, **said)


def _both(
    one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _foremost(stage: str | None) -> int:
    return _AT_WORK.index(CrewStatusKind(stage)) if stage in _AT_WORK else -1
