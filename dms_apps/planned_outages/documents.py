"""All that was said of a planned outage, by whomever, as it is kept."""

from __future__ import annotations

from dataclasses import replace

from cim.kept import document, payload_in
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.times import zoned
from dms_apps.planned_outages.plan import Plan


def dated(one: PlannedOutage) -> PlannedOutage:
    """The same; its times that name no zone are UTC."""
    return replace(
        one,
        actual_period=_dated(one.actual_period),
        estimated_period=_dated(one.estimated_period),
        created_date_time=zoned(one.created_date_time),
        last_modified_date_time=zoned(one.last_modified_date_time),
    )


def _dated(period: DateTimeInterval | None) -> DateTimeInterval | None:
    if period is None:
        return None
    return DateTimeInterval(start=zoned(period.start), end=zoned(period.end))


def kept(one: PlannedOutage) -> bytes:
    """All that was said of an outage but for the usage points, which have a table."""
    bare = replace(one, de_energized_usage_point=(), energized_usage_point=())
    return document(PlannedOutages(planned_outage=(bare,)))


def said(plan: Plan) -> PlannedOutage:
    """What was said of an outage."""
    [one] = payload_in(plan.document, PlannedOutages).planned_outage
    return one
