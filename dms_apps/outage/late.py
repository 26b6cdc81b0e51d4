"""What was put away matters again where something late is heard.

An outage follows from all that was said of it, so it is taken up as a whole: with all that was said
of whom it concerned, and with the parts that a switch or a person's word joins to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from dms_apps.outage import evidence, store, switches
from dms_apps.outage.parts import Known, Parts
from dms_apps.outage.plans import Plan
from dms_apps.outage.remembered import NOWHERE


def late(
    parts: Parts, known: Known, changed: Iterable[Plan], before: datetime
) -> dict[str, datetime]:
    """Part -> the first of what is new of a time before `before`.

    changed: what is newly planned, or said of planned outages.
    """
    said = [(parts.of(word.point), word.at) for word in known.news]
    said += [(parts.of_statement(one) or NOWHERE, one.at) for one in known.said]
    said += [(parts.of_device(device) or NOWHERE, at) for device, at in known.shown]
    said += [(parts.of(loss.point), loss.lost) for loss in known.switched]
    said += [(parts.of_root(root), turn.at) for turn in known.turned for root in turn.roots]
    said += [(parts.of(p), plan.window.begins) for plan in changed for p in plan.window.points]
    found: dict[str, datetime] = {}
    for part, at in said:
        if at < before:
            found[part] = min(at, found.get(part, at))
    return found


def take_up(
    connection: sa.Connection, parts: Parts, late: Mapping[str, datetime], margin: timedelta
) -> bool:
    """Take up again what has to do with what is late.  Returns whether there was any.

    margin: so long after the last word nothing more comes of it.
    """
    found, done = False, dict[str, datetime]()
    todo = dict(late)
    while todo:
        part, at = todo.popitem()
        if part in done and done[part] <= at:
            continue
        done[part] = at
        points = _points(connection, parts, part, at - margin)
        since = _reaching(connection, points, at, margin)
        found |= evidence.take_up_again(connection, points, since)
        joined = {parts.of(point) for point in switches.take_up_again(connection, points, since)}
        joined |= _statements(connection, parts, part, since)
        found |= bool(joined)
        todo |= {other: min(since, todo.get(other, since)) for other in joined - {part}}
    return found


def _points(connection: sa.Connection, parts: Parts, part: str, since: datetime) -> list[str]:
    """The usage points of a part; where nobody knows them, those that have said something."""
    if part != NOWHERE:
        return list(parts.points(part))
    return [point for point in evidence.put_away_points(connection, since) if not parts.of(point)]


def _reaching(
    connection: sa.Connection, points: list[str], at: datetime, margin: timedelta
) -> datetime:
    """From when on all matters: nobody was in an outage then that has to do with it."""
    since = at - margin
    while (first := store.first_without(connection, points, since)) is not None:
        since = first - margin
    return since


def _statements(connection: sa.Connection, parts: Parts, part: str, since: datetime) -> set[str]:
    """Take up what people said of a part; all the parts that they spoke of."""
    some = [said for said in store.put_away_since(connection, since) if part in parts.all_of(said)]
    store.take_up_statements(connection, some)
    return {one for said in some for one in parts.all_of(said)}
