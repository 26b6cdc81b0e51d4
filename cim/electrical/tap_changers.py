"""What tap changers of both kinds have in common: their end, their positions, their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cim.electrical.ports import ABC, ordered
from cim.electrical.reading import Absurd, Reading, data_sheets
from cim.electrical.taps import Curve, Table, Tap

_POINT = "TapChangerTablePoint"
_MOST = 100.0
_DEVIATIONS = ("r", "x", "g", "b")


@dataclass(frozen=True)
class Positions:
    """Of a tap changer: the present one, the range, the one of rated turns and the normal one."""

    step: float
    low: int
    high: int
    neutral: int
    normal: int | None

    @property
    def reach(self) -> int:
        """Steps from neutral to the position farthest from it."""
        return max(abs(self.high - self.neutral), abs(self.low - self.neutral))


def positions(reading: Reading, row: int) -> Positions:
    """A step outside of its range is the nearer end of it.

    Raises: Absurd without a range, or with one that is none.
    """
    low, high, neutral = (
        _needed(reading, row, f"{name}Step") for name in ("low", "high", "neutral")
    )
    if low > high:
        raise Absurd(f"its lowStep {low} is above its highStep {high}")
    normal = reading.whole(row, "TapChanger.normalStep")
    said = _step(reading, row, normal, neutral)
    step = min(max(said, low), high)
    if step != said:
        outside = f"is at step {said:g}, outside of its range {low} to {high}"
        reading.say(row, f"{outside}; {step:g} is taken")
    return Positions(step, low, high, neutral, normal)


def _needed(reading: Reading, row: int, name: str) -> int:
    value = stated(reading, row, f"TapChanger.{name}", name)
    if value is None:
        raise Absurd(f"TapChanger.{name} is missing")
    return round(value)


def _step(reading: Reading, row: int, normal: int | None, neutral: int) -> float:
    """TapChanger.step, else the position of a solved state, else normal or neutral by name."""
    step = reading.number(row, "TapChanger.step")
    for state in reading.behind(row, "SvTapStep.TapChanger") if step is None else ():
        step = reading.number(state, "SvTapStep.position")
    if step is None:
        reading.say(
            row, f"has no step; it is taken to be at {'neutral' if normal is None else 'normal'}"
        )
        return neutral if normal is None else normal
    return step


def above_zero(curve: Curve, step: float) -> Curve:
    """Raises: Absurd when there are no turns at this step, or fewer, or absurdly many."""
    ratio = curve.at(step).ratio
    if ratio <= 0:
        raise Absurd(f"its ratio at step {step:g} is {ratio:g}, and must be above 0")
    if ratio > _MOST:
        raise Absurd(f"its ratio at step {step:g} is {ratio:g}")
    return curve


# -- data sheets


def sheet(reading: Reading, row: int) -> int | None:
    """The TapChangerInfo of a tap changer; None without one."""
    sheets = data_sheets(reading, row)
    return next((one for one in sheets if reading.kind(one) == "TapChangerInfo"), None)


def under_load(reading: Reading, row: int) -> bool:
    """Whether it can be moved under load; True where nothing says so."""
    own = reading.flag(row, "TapChanger.ltcFlag")
    if own is None and (one := sheet(reading, row)) is not None:
        own = reading.flag(one, "TapChangerInfo.isTcul")
    return own is not False


def stated(reading: Reading, row: int, own: str, info: str, scale: float = 1.0) -> float | None:
    """A property of a tap changer, else that of its data sheet; None when neither says it."""
    value = reading.number(row, own, scale)
    if value is None and (one := sheet(reading, row)) is not None:
        value = reading.number(one, f"TapChangerInfo.{info}", scale)
    return value


# -- ends


def owner(reading: Reading, row: int, kind: str) -> tuple[int, int]:
    """The transformer end of a tap changer, and the tank or transformer of that.

    kind: "RatioTapChanger" or "PhaseTapChanger".
    """
    ends = reading.either(row, f"{kind}.TransformerEnd", f"TransformerEnd.{kind}")
    if not ends:
        raise Absurd("it belongs to no transformer end")
    whole = reading.link(
        ends[0], "TransformerTankEnd.TransformerTank", "PowerTransformerEnd.PowerTransformer"
    )
    if whole is None:
        raise Absurd(f"its {reading.called(ends[0])} belongs to no transformer")
    return ends[0], whole


def at_end(reading: Reading, end: int, kind: str) -> int | None:
    """The tap changer of an end; the first by name where there are more than one may be."""
    rows = reading.either(end, f"TransformerEnd.{kind}", f"{kind}.TransformerEnd")
    if len(rows) > 1:
        reading.say(
            end,
            f"has {len(rows)} tap changers of the kind {kind}, where one may be; "
            f"only {reading.called(rows[0])} is taken",
        )
    return rows[0] if rows else None


def phases(reading: Reading, end: int) -> tuple[str, ...]:
    """Of the winding."""
    stated = ordered(reading.code(end, "TransformerTankEnd.orderedPhases"))
    terminal = reading.link(end, "TransformerEnd.Terminal")
    if not stated and terminal is not None:
        stated = ordered(reading.code(terminal, "Terminal.phases"))
    return stated or ABC


# -- tables


def tabulated(
    reading: Reading, row: int, table: int, of: Positions, otherwise: Curve, words: str
) -> Table:
    """The table of a tap changer; steps that it lacks, or has twice, are named.

    otherwise: what holds at the steps it lacks, and for the ratio of points that do not say one;
               `words` tell the reader so.
    """
    kind = reading.kind(table)
    if not kind:
        raise Absurd(f"its table {reading.mrid(table)} is not in the model")
    found: dict[int, list[Tap]] = {}
    for point in reading.either(table, f"{kind}.{kind}Point", f"{kind}Point.{kind}"):
        try:
            step = _whole(reading, point)
            found.setdefault(step, []).append(_tap(reading, point, otherwise.at(step).ratio))
        except Absurd as why:
            reading.say(point, f"is left out of {reading.called(table)}: {why}")
    once = {step: taps[0] for step, taps in found.items() if len(set(taps)) == 1}
    _name_doubts(reading, table, sorted(found.keys() - once.keys()))
    _name_gaps(reading, row, table, sorted(once), of, words)
    return Table(once, otherwise)


def _whole(reading: Reading, point: int) -> int:
    step = reading.needed(point, f"{_POINT}.step")
    if step != round(step):
        raise Absurd(f"its step {step:g} is not a whole number")
    return round(step)


def _tap(reading: Reading, point: int, usual: float) -> Tap:
    """IEC 61970-301, TapChangerTablePoint: ratio as it is, the rest in per cent."""
    ratio = reading.number(point, f"{_POINT}.ratio")
    if ratio is not None and ratio <= 0:
        raise Absurd(f"its ratio is {ratio:g}, and must be above 0")
    deviations = [reading.number(point, f"{_POINT}.{name}") or 0.0 for name in _DEVIATIONS]
    for name, value in zip(_DEVIATIONS, deviations, strict=True):
        if value <= -100:
            raise Absurd(f"its {name} is {value:g} per cent, and must be above -100")
    angle = reading.number(point, "PhaseTapChangerTablePoint.angle") or 0.0
    return Tap(usual if ratio is None else ratio, angle, *deviations)


def _name_doubts(reading: Reading, table: int, steps: Sequence[int]) -> None:
    if steps:
        reading.say(
            table,
            f"has points that contradict one another at step {_spans((s, s) for s in steps)}; "
            "none of these is taken",
        )


def _name_gaps(
    reading: Reading, row: int, table: int, steps: Sequence[int], of: Positions, words: str
) -> None:
    """Sentences about steps of the range that have no point, and points outside of the range."""
    inside = [step for step in steps if of.low <= step <= of.high]
    fenced = (of.low - 1, *inside, of.high + 1)
    gaps = [(a + 1, b - 1) for a, b in pairwise(fenced) if b - a > 1]
    if gaps:
        where = f"at step {_spans(gaps)} in {reading.called(table)}"
        reading.say(row, f"has no point {where}; {words} there")
    outside = [step for step in steps if not of.low <= step <= of.high]
    if outside:
        reading.say(
            row,
            f"has points at step {_spans((s, s) for s in outside)} in {reading.called(table)}, "
            f"outside of its range {of.low} to {of.high}",
        )


def _spans(spans: Iterable[tuple[int, int]]) -> str:
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in spans)
