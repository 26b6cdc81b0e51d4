"""DayTypes (ours; DayType of IEC 61970-301, LoadModel): which days are alike, e.g. holidays."""

from __future__ import annotations

from datetime import date

from cim.profile import Profile, attribute
from cim.profiles.identification import Name


class CalendarDay(Profile):
    """One day; the CIM's types of days have none."""

    date: date = attribute("CalendarDay.date", "The day, where the utility is.")
    name: str | None = attribute(
        "CalendarDay.name", "What it is called, e.g. Labour Day.", default=None
    )


class DayType(Profile):
    """Days on which load is alike, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the type.", default=None)
    calendar_days: tuple[CalendarDay, ...] = attribute(
        "DayType.CalendarDays", "Days of this type.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the type, e.g. Holiday.", default=()
    )


class DayTypes(
    Profile,
    namespace="urn:gridbus:61970-301:2026:DayTypes#",
    standard="IEC 61970-301",
    whole=True,
    ordering=(
        "day_type.mrid",
        "day_type.names.name",
    ),
):
    """A calendar for those who forecast load: a day is of the type that was told of it last."""

    day_type: tuple[DayType, ...] = attribute("DayTypes.DayType", "The types and their days.")
