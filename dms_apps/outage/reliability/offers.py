"""The reports of reliability that the outage app offers, of the interruptions it has recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dms_apps.outage.reliability import ledger, reports
from dms_apps.outage.reliability.analysis import BY, DAYS, PLANNED, Analysis, Question
from dms_apps.outage.reliability.calendar import EACH
from dms_apps.outage.reliability.conventions import Conventions
from hub.interfaces import Asking
from hub.report import Offer, Parameter, Report, Unanswerable

_TIME = (
    Parameter("from", "The first day; when left out, that of the reporting year."),
    Parameter("to", "The last day, included; when left out, that of the year, or today."),
)
_DAYS = Parameter("days", "With or without major event days; all when left out.", choices=DAYS)
_PLANNED = Parameter("planned", "Which interruptions; all when left out.", choices=PLANNED)
_BY = Parameter("by", "What has a line of its own; the system when left out.", choices=BY)
_EACH = Parameter("each", "Time that has a line of its own; all when left out.", choices=EACH)
_NOUNS = frozenset({"UnplannedOutages"})

Make = Callable[[Analysis, Question], Report]
_OFFERS: Mapping[str, tuple[str, Make, tuple[Parameter, ...]]] = {
    "reliability": (
        "Indices of IEEE 1366 of the system, with and without major event days.",
        reports.summary, (*_TIME, _DAYS, _PLANNED),
    ),
    "reliability-indices": (
        "The same by region, feeder, cause, device or outage, and by year, month or day.",
        reports.indices, (*_TIME, _BY, _EACH, _DAYS, _PLANNED),
    ),
    "worst-feeders": (
        "The feeders that cost most customer minutes.",
        reports.worst_feeders, (*_TIME, _DAYS, _PLANNED),
    ),
    "outage-causes": (
        "What each cause costs, the most first.",
        reports.causes, (*_TIME, _DAYS, _PLANNED),
    ),
    "outage-contributions": (
        "The outages behind the indices, with what each contributes.",
        reports.outages, (*_TIME, _DAYS, _PLANNED),
    ),
    "worst-customers": (
        "The customers with most interruptions, behind CEMI, CEMSMI and CELID.",
        reports.worst_customers, (*_TIME, _DAYS, _PLANNED),
    ),
    "major-days": ("The major event days, by the 2.5 beta method.", reports.major_days, _TIME),
    "major-day-thresholds": (
        "The threshold of each reporting year, and what days make it.",
        reports.thresholds, _TIME,
    ),
}  # fmt: skip

OFFERS = tuple(
    Offer(name, says, parameters, _NOUNS, takes_long=True)
    for name, (says, _, parameters) in _OFFERS.items()
)


def answer(name: str, asked: Mapping[str, str], given: Asking, by: Conventions) -> Report:
    """One of `OFFERS`.  Raises: Unanswerable, which names the parameter and the rule."""
    first, last = _time(asked, given.now.astimezone(ZoneInfo(by.zone)).date(), by)
    analysis = ledger.analysis(given.connection, given.network, by, first, last, given.now)
    question = Question(**{key: text for key, text in asked.items() if key not in ("from", "to")})
    _, make, _ = _OFFERS[name]
    return make(analysis, question)


def _time(asked: Mapping[str, str], today: date, by: Conventions) -> tuple[date, date]:
    """By default the reporting year of the day that is named, else this one's."""
    first, last = _day(asked, "from"), _day(asked, "to")
    year = by.year_of(first or last or today)
    if first is None:
        first = by.begins(year)
    if last is None:
        last = min(by.begins(year + 1) - timedelta(days=1), max(today, first))
    if last < first:
        raise Unanswerable(f"{last} is before {first}, the first day", "to")
    return first, last


def _day(asked: Mapping[str, str], name: str) -> date | None:
    text = asked.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 1950 <= day.year < 2200:
        raise Unanswerable("a day such as 2026-03-01 was expected", name)
    return day
