"""Studies that can be asked for beside messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from dms_apps import plots
from dms_apps.solver.live import Live
from dms_apps.solver.solution import Solution
from dms_apps.solver.tables import Table
from dms_apps.solver.what_if import WhatIf, found
from dms_apps.study import comparison, contingency, hosting
from hub.report import Column, Draw, Offer, Parameter, Report, Unanswerable

if TYPE_CHECKING:
    from dms_apps.study.app import StudyApp

_LISTED = "by mRID or name, several with commas between"
_CHANGES = (
    Parameter("open", f"Switches to open, {_LISTED}."),
    Parameter("close", f"Switches to close, {_LISTED}."),
    Parameter("out", f"Equipment to take out of service, {_LISTED}."),
    Parameter("taps", "Positions of tap changers as NAME=STEP, several with commas between."),
    Parameter("loads", "Factor on the power of all loads; 1 when left out."),
    Parameter("feed", "Kilowatts to feed in at loads or generators as NAME=KW, with commas."),
)
OFFERS = (
    Offer("what-if", "Every voltage that a change would move, the most moved first.", _CHANGES),
    Offer("what-if-totals", "Supply, loads and losses before and after a change.", _CHANGES),
    Offer(
        "n-1",
        "What each piece of equipment out of service would leave without supply or beyond limits.",
        (Parameter("kind", "Only equipment of this kind; all of them when left out.",
                   choices=contingency.KINDS),),
        takes_long=True,
    ),
    Offer(
        "hosting-capacity",
        "How much generation the connection of a load takes before a limit is violated.",
        (Parameter("load", f"Loads, {_LISTED}; all when left out, which takes long."),
         Parameter("most", "Kilowatts beyond which nobody asks; 10,000 when left out.")),
        takes_long=True,
    ),
)  # fmt: skip


def report(app: StudyApp, name: str, asked: Mapping[str, str], live: Live, now: datetime) -> Report:
    """Raises: Unanswerable, naming the parameter."""
    try:
        if name == "n-1":
            kinds = (asked["kind"],) if "kind" in asked else contingency.KINDS
            base = app.base(live)
            results = list(app.contingencies(live, base, kinds))
            unsolved = contingency.unsolved(live.layout, results)
            table = contingency.table(live.layout, results)
            return _shown("N-1", table, (base,), live, now, unsolved)
        if name == "hosting-capacity":
            base = app.base(live)
            table, unfed = _hosting(app, asked, live, base)
            made = _shown("Hosting capacity", table, (base,), live, now, unfed)
            return replace(made, draw=_least(made))
        return _what_if(app, name, asked, live, now)
    except Unanswerable:
        raise
    except ValueError as error:
        raise Unanswerable(str(error).rstrip(".")) from None


def _what_if(
    app: StudyApp, name: str, asked: Mapping[str, str], live: Live, now: datetime
) -> Report:
    changes = WhatIf(
        opened=_names(asked, "open"),
        closed=_names(asked, "close"),
        out=_names(asked, "out"),
        taps=_pairs(asked, "taps"),
        loads=_number(asked, "loads", 1.0),
        feed={one: 1e3 * kilowatts for one, kilowatts in _pairs(asked, "feed").items()},
    )
    before = app.solver.solve(live.layout, live.given, app.options)
    after = app.solver.solve(live.layout, changes.given(live.layout, live.given), app.options)
    for solution in (before, after):
        if not solution.converged:
            raise Unanswerable(solution.remarks[0].rstrip("."))
    tell = comparison.voltages if name == "what-if" else comparison.totals
    return _shown("What if", tell(before, after), (before, after), live, now)


def _hosting(
    app: StudyApp, asked: Mapping[str, str], live: Live, base: Solution
) -> tuple[Table, tuple[str, ...]]:
    """The table, and a sentence for each load that nothing feeds."""
    names = _names(asked, "load")
    of = found(live.layout.view.loads, names, "load") if names else None
    most = 1e3 * _number(asked, "most", 10_000.0)
    results = list(app.hosting(live, base, of, most))
    return hosting.table(live.layout, results), hosting.unfed(live.layout, of, results)


def _least(report: Report) -> Draw:
    """The loads that take least."""
    names = tuple(str(row[0] or row[1]) for row in report.rows)
    watts = [row[3] if isinstance(row[3], float) else float("nan") for row in report.rows]
    bars, quantity = plots.Bars(names, watts), "hosting capacity (kW)"
    return partial(plots.ranked, bars, title=report.title, quantity=quantity, lowest=True)


def _shown(
    title: str,
    table: Table,
    by: Sequence[Solution],
    live: Live,
    now: datetime,
    missing: Sequence[str] = (),
) -> Report:
    """by: the solutions that it comes from.  missing: sentences on what is not in the table."""
    taken = [remark for solution in by for remark in solution.remarks]
    return Report(
        title=title,
        at=now,
        columns=tuple(Column(name, unit) for name, unit in table.columns),
        rows=table.rows,
        remarks=(
            *dict.fromkeys((*missing, *taken, *live.remarks)),
            f"Computed by {by[-1].engine.told}.",
        ),
    )


def _names(asked: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in asked.get(name, "").split(",") if one.strip()]


def _pairs(asked: Mapping[str, str], name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in _names(asked, name):
        of, _, number = one.rpartition("=")
        try:
            found[of.strip()] = float(number)
        except ValueError:
            raise Unanswerable(f"a name, = and a number were expected, not {one!r}", name) from None
    return found


def _number(asked: Mapping[str, str], name: str, usual: float) -> float:
    try:
        return float(asked.get(name, usual))
    except ValueError:
        raise Unanswerable(f"a number was expected, not {asked[name]!r}", name) from None
