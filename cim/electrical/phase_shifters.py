"""Tap changers that turn phases, and what those of one end do together."""

from __future__ import annotations

from dataclasses import dataclass

from cim.electrical.reading import Absurd, Reading
from cim.electrical.regulators import Control, control, regulator
from cim.electrical.tap_changers import (
    Positions,
    above_zero,
    at_end,
    owner,
    positions,
    stated,
    tabulated,
    under_load,
)
from cim.electrical.taps import (
    Asymmetrical,
    Curve,
    Increments,
    Linear,
    Symmetrical,
    Tap,
    together,
)

_NON_LINEAR = "PhaseTapChangerNonLinear"


@dataclass(frozen=True)
class PhaseShifter:
    """A PhaseTapChanger: in steps it turns the voltages of one end of a transformer.

    kind:         its class, e.g. "PhaseTapChangerSymmetrical".
    transformer:  mRID of the TransformerTank or PowerTransformer that the end belongs to.
    end:          mRID of the winding.
    step:         present position; `low`, `high`, `neutral` and `normal` are positions too.
    curve:        what each position does, by formula or by PhaseTapChangerTable.
    """

    mrid: str
    name: str
    kind: str
    transformer: str
    end: str
    step: float
    low: int
    high: int
    neutral: int
    normal: int | None
    curve: Curve
    under_load: bool
    enabled: bool
    control: Control | None

    @property
    def tap(self) -> Tap:
        """What the present position does."""
        return self.curve.at(self.step)


def phase_shifters(reading: Reading) -> tuple[PhaseShifter, ...]:
    """All PhaseTapChangers."""
    for row in reading.of_class(_NON_LINEAR):
        reading.say(row, "is not read: it is neither symmetrical nor asymmetrical")
    rows = reading.of_class(*_CURVES)
    return reading.made(rows, lambda row: _phase_shifter(reading, row))


def present(reading: Reading, end: int) -> Tap:
    """What the tap changers of an end do now; what cannot be read is taken at rated turns."""
    return together(
        tap
        for kind in ("RatioTapChanger", "PhaseTapChanger")
        if (row := at_end(reading, end, kind)) is not None
        for tap in _taps(reading, row, kind)
    )


def _taps(reading: Reading, row: int, kind: str) -> tuple[Tap, ...]:
    make = regulator if kind == "RatioTapChanger" else _phase_shifter
    try:
        return (make(reading, row).tap,)
    except Absurd:
        return ()


def _phase_shifter(reading: Reading, row: int) -> PhaseShifter:
    end, whole = owner(reading, row, "PhaseTapChanger")
    of = positions(reading, row)
    kind = reading.kind(row)
    if kind not in _CURVES:
        raise Absurd(f"how it turns phases is not known of its class {kind}")
    return PhaseShifter(
        mrid=reading.mrid(row),
        name=reading.name(row),
        kind=kind,
        transformer=reading.mrid(whole),
        end=reading.mrid(end),
        step=of.step,
        low=of.low,
        high=of.high,
        neutral=of.neutral,
        normal=of.normal,
        curve=above_zero(_CURVES[kind](reading, row, end, of), of.step),
        under_load=under_load(reading, row),
        enabled=reading.flag(row, "TapChanger.controlEnabled") is not False,
        control=control(reading, reading.link(row, "TapChanger.TapChangerControl")),
    )


# -- curves


def _linear(reading: Reading, row: int, end: int, of: Positions) -> Curve:
    kind = "PhaseTapChangerLinear"
    increment = stated(reading, row, f"{kind}.stepPhaseShiftIncrement", "stepPhaseIncrement")
    if increment is None:
        raise Absurd(f"{kind}.stepPhaseShiftIncrement is missing")
    return Linear(of.neutral, increment, of.reach, _rise(reading, row, end, kind))


def _symmetrical(reading: Reading, row: int, end: int, of: Positions) -> Curve:
    increment = reading.needed(row, f"{_NON_LINEAR}.voltageStepIncrement", 0.01)
    return Symmetrical(of.neutral, increment, of.reach, _rise(reading, row, end, _NON_LINEAR))


def _asymmetrical(reading: Reading, row: int, end: int, of: Positions) -> Curve:
    increment = reading.needed(row, f"{_NON_LINEAR}.voltageStepIncrement", 0.01)
    connection = reading.needed(row, "PhaseTapChangerAsymmetrical.windingConnectionAngle")
    rise = _rise(reading, row, end, _NON_LINEAR)
    return Asymmetrical(of.neutral, increment, connection, of.reach, rise)


def _tabular(reading: Reading, row: int, _end: int, of: Positions) -> Curve:
    table = reading.link(row, "PhaseTapChangerTabular.PhaseTapChangerTable")
    if table is None:
        raise Absurd("it has no PhaseTapChangerTable")
    words = "no phase shift is taken"
    return tabulated(reading, row, table, of, Increments(of.neutral, 0.0), words)


_CURVES = {
    "PhaseTapChangerLinear": _linear,
    "PhaseTapChangerSymmetrical": _symmetrical,
    "PhaseTapChangerAsymmetrical": _asymmetrical,
    "PhaseTapChangerTabular": _tabular,
}


def _rise(reading: Reading, row: int, end: int, kind: str) -> float:
    """Per cent by which xMax exceeds the reactance at neutral; 0 where there is no xMax.

    Of an xMin that is not PowerTransformerEnd.x the latter holds (IEC 61970-600-2, xMin).
    """
    most = reading.number(row, f"{kind}.xMax")
    least = reading.number(row, f"{kind}.xMin")
    own = reading.number(end, "PowerTransformerEnd.x")
    if own and least is not None and abs(least - own) > 1e-6 * abs(own):
        reading.say(row, f"has xMin {least:g}, and its end x {own:g}, which is taken")
    base = own or least
    if most is None or not base:
        return 0.0
    if most / base <= 0:
        reading.say(row, f"has xMax {most:g} beside {base:g} at neutral; it is not used")
        return 0.0
    return (most / base - 1) * 100
