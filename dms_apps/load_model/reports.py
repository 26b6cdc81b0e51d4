"""What the load model shows beside messages: loads, their profiles, and how telemetry is met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from cim.network import Network
from dms_apps import plots
from dms_apps.load_model.days import Calendar, Day
from dms_apps.load_model.moment import Loads
from dms_apps.load_model.profiles import Curve, Profiles
from dms_apps.load_model.weather import Response
from dms_apps.solver.given import Given
from dms_apps.solver.zones import Zones
from hub.report import Cell, Column, Draw, Offer, Parameter, Report

AT = Parameter("at", "ISO 8601, the moment; now when left out.")
_OF_METERS = frozenset({"MeterReadings"})
OFFERS = (
    Offer("loads", "What every load draws, how it is known, and how well.", (AT,), _OF_METERS),
    Offer("allocation", "What is telemetered of flows, and what the loads give there.", (AT,)),
    Offer("zones", "What flows into the parts between telemetered points, and where it goes.",
          (AT,)),
    Offer("profiles", "What a customer of each class draws, by kind of day and time.", (),
          _OF_METERS),
)  # fmt: skip


def loads(found: Loads, network: Network) -> Report:
    """Every load."""
    return Report(
        title="Loads",
        at=found.at,
        columns=(
            Column("load"), Column("mRID"), Column("source"), Column("quality"),
            Column("estimated active power", "kW"), Column("estimated reactive power", "kvar"),
            Column("deviation", "kVA"), Column("active power", "kW"),
            Column("reactive power", "kvar"),
        ),
        rows=list(_loads(found, network)),
        remarks=(found.case, *found.remarks),
    )  # fmt: skip


def _loads(found: Loads, network: Network) -> Iterator[tuple[Cell, ...]]:
    for mrid, one in found.estimates.items():
        name = network.name(mrid) if network.knows(mrid) else ""
        power = complex(found.power[mrid].sum())
        yield (
            name, mrid, str(one.source), str(one.quality), one.power.real / 1e3,
            one.power.imag / 1e3, one.sigma / 1e3, power.real / 1e3, power.imag / 1e3,
        )  # fmt: skip


def allocation(found: Loads) -> Report:
    """Every point that was used."""
    return Report(
        title="Allocation",
        at=found.at,
        columns=(
            Column("point"), Column("phase"), Column("quantity"), Column("measured"),
            Column("computed"), Column("unit"),
        ),
        rows=list(_points(found)),
        remarks=(found.case, *found.remarks),
    )  # fmt: skip


def _points(found: Loads) -> Iterator[tuple[Cell, ...]]:
    at = found.allocation
    if at is None:
        return
    left = iter(at.residual.tolist())
    for point in at.points:
        for kind, value in point.asks.items():
            what, scale, unit = _KINDS[kind]
            yield (
                point.name or point.terminal, point.phase, what, value * scale,
                (value - next(left)) * scale, unit,
            )  # fmt: skip


def zones(found: Loads, given: Given) -> Report:
    """Every metering zone of the network as operated."""
    return Report(
        title="Metering zones",
        at=found.at,
        columns=(
            Column("zone behind"), Column("flows in", "kW"), Column("flows in", "kvar"),
            Column("loads", "kW"), Column("loads", "kvar"), Column("generators", "kW"),
            Column("lost", "kW"),
        ),
        rows=list(_zones(found, given)),
        remarks=(found.case, *found.remarks),
    )  # fmt: skip


def _zones(found: Loads, given: Given) -> Iterator[tuple[Cell, ...]]:
    at = found.allocation
    if at is None or not at.solution.converged:
        return
    names = {point.terminal: point.name or point.terminal for point in at.points}
    of = Zones.of(found.layout, given, at.solution.island, list(names))
    inflow = of.imported(at.solution)
    drawn, fed = (of.taken(at.solution, kind) for kind in ("load", "generator"))
    lost = of.taken(at.solution, "line", "transformer", "switch", "shunt").real
    for zone in range(of.count):
        behind = sorted({names[found.layout.conductors.terminal[i]] for i in of.feeding(zone)})
        yield (
            ", ".join(behind) or "the sources", inflow[zone].real / 1e3, inflow[zone].imag / 1e3,
            drawn[zone].real / 1e3, drawn[zone].imag / 1e3, -fed[zone].real / 1e3,
            float(lost[zone]) / 1e3,
        )  # fmt: skip


_KINDS: Mapping[str, tuple[str, float, str]] = {
    "p": ("active power", 1e-3, "kW"),
    "q": ("reactive power", 1e-3, "kvar"),
    "i": ("current", 1.0, "A"),
}


def profiles(
    known: Profiles, classes: list[str], responses: Mapping[str, Response], calendar: Calendar
) -> Report:
    """Every profile that counts, slot by slot."""
    rows = []
    for kind in classes:
        response = responses.get(kind, Response())
        for season in dict.fromkeys(calendar.seasons):
            for day in ("working", "saturday", "sunday"):
                curve = known.of(kind, Day(season, day))
                rows += list(_slots((kind, season, day), curve, response, calendar))
    return Report(
        title="Load profiles",
        columns=(
            Column("class"), Column("season"), Column("day"), Column("time"), Column("load", "W"),
            Column("deviation", "W"), Column("customer-days"), Column("coincidence"),
            Column("by heating degree", "%"), Column("by cooling degree", "%"),
        ),
        rows=rows,
        draw=_heat(rows),
        remarks=("A profile of 0 customer-days is an assumption: only its shape means something.",),
    )  # fmt: skip


def _heat(rows: Sequence[Sequence[Cell]]) -> Draw:
    """Every profile over its day, as shares of its highest load: they differ by thousands."""
    curves: dict[str, list[float]] = {}
    times = dict.fromkeys(str(row[3]) for row in rows)
    for row in rows:
        watts = row[4] if isinstance(row[4], float) else float("nan")
        curves.setdefault(", ".join(str(one) for one in row[:3] if one), []).append(watts)
    shares = [[100 * one / max(curve) if max(curve) else 0.0 for one in curve]
              for curve in curves.values()]  # fmt: skip
    heat = plots.Heat(tuple(curves), tuple(times), shares, "share of the highest load", "%")
    return partial(plots.heat_table, heat, title="Load profiles", low=0.0, high=100.0)


def _slots(
    named: tuple[str, str, str], curve: Curve, response: Response, calendar: Calendar
) -> Iterator[tuple[Cell, ...]]:
    for slot, (watts, deviation) in enumerate(
        zip(curve.watts.tolist(), curve.deviation.tolist(), strict=True)
    ):
        minutes = slot * calendar.minutes
        yield (
            *named, f"{minutes // 60:02}:{minutes % 60:02}", watts, deviation, curve.days,
            curve.coincidence, 100 * response.heat, 100 * response.cool,
        )  # fmt: skip
