"""Tap changers and the controls that move them, or switch capacitors."""

from __future__ import annotations

from dataclasses import dataclass

from cim.electrical.ports import Port, ordered, port
from cim.electrical.reading import Absurd, Reading
from cim.electrical.tap_changers import (
    Positions,
    above_zero,
    owner,
    phases,
    positions,
    stated,
    tabulated,
    under_load,
)
from cim.electrical.taps import Curve, Increments, Tap


@dataclass(frozen=True)
class Compensation:
    """Line drop compensation: the set point is held behind this impedance.

    r, x:     volts at the control, per rated current of the current transformer's secondary.
    reversed: the same with power flowing backwards; None where not given.
    """

    r: float
    x: float
    reversed: tuple[float, float] | None = None


@dataclass(frozen=True)
class Control:
    """A RegulatingControl or TapChangerControl.

    mode:         RegulatingControlModeKind, e.g. "voltage", "reactivePower", "timeScheduled".
    target, band: volts (at the voltage transformer's secondary, where there is one), var or
                  amperes as the mode says, with the document's multiplier taken in; the band is the
                  whole width around the target.  None when not given.
    place:        the terminal whose node is regulated; None when not given.
    phases:       of it that are measured (monitoredPhase).
    enabled:      True unless the document says otherwise.
    limits:       lowest and highest voltage at the control; None where there is none.
    """

    mrid: str
    mode: str
    target: float | None
    band: float | None
    place: Port | None
    phases: tuple[str, ...]
    enabled: bool
    compensation: Compensation | None = None
    limits: tuple[float | None, float | None] = (None, None)
    reversible: bool = False


@dataclass(frozen=True)
class Regulator:
    """A RatioTapChanger: in steps it adds turns to one end of a transformer.

    transformer:   mRID of the TransformerTank or PowerTransformer that the end belongs to.
    end:           mRID of the winding.
    phases:        of the winding.
    step:          present position; `low`, `high`, `neutral` and `normal` are positions too.
    increment:     share of the rated voltage per step, e.g. 0.00625; None where a table says all.
    curve:         what each position does, by increment or by RatioTapChangerTable.
    neutral_u:     volts at which `increment` is given; None when not given.
    delay, pause:  seconds before the first and between further steps; None when not given.
    pt_ratio:      primary over secondary volts of the voltage transformer; ct_ratio and ct_rating
                   (primary amperes) of the current transformer as given.
    """

    mrid: str
    name: str
    transformer: str
    end: str
    phases: tuple[str, ...]
    step: float
    low: int
    high: int
    neutral: int
    normal: int | None
    increment: float | None
    curve: Curve
    neutral_u: float | None
    under_load: bool
    enabled: bool
    delay: float | None
    pause: float | None
    pt_ratio: float | None
    ct_ratio: float | None
    ct_rating: float | None
    control: Control | None

    @property
    def tap(self) -> Tap:
        """What the present position does."""
        return self.curve.at(self.step)

    @property
    def ratio(self) -> float:
        """Present turns over rated turns."""
        return self.tap.ratio


def regulators(reading: Reading) -> tuple[Regulator, ...]:
    """All RatioTapChangers."""
    rows = reading.of_class("RatioTapChanger")
    return reading.made(rows, lambda row: regulator(reading, row))


def regulator(reading: Reading, row: int) -> Regulator:
    """Raises: Absurd."""
    end, whole = owner(reading, row, "RatioTapChanger")
    of = positions(reading, row)
    name = "stepVoltageIncrement"
    increment = stated(reading, row, f"RatioTapChanger.{name}", name, 0.01)
    curve = above_zero(_curve(reading, row, of, increment), of.step)
    return Regulator(
        mrid=reading.mrid(row),
        name=reading.name(row),
        transformer=reading.mrid(whole),
        end=reading.mrid(end),
        phases=phases(reading, end),
        step=of.step,
        low=of.low,
        high=of.high,
        neutral=of.neutral,
        normal=of.normal,
        increment=increment,
        curve=curve,
        neutral_u=_own(reading, row, "neutralU", reading.unit.voltage),
        under_load=under_load(reading, row),
        enabled=reading.flag(row, "TapChanger.controlEnabled") is not False,
        delay=reading.number(row, "TapChanger.initialDelay"),
        pause=reading.number(row, "TapChanger.subsequentDelay"),
        pt_ratio=_own(reading, row, "ptRatio"),
        ct_ratio=_own(reading, row, "ctRatio"),
        ct_rating=_own(reading, row, "ctRating"),
        control=control(reading, reading.link(row, "TapChanger.TapChangerControl")),
    )


def _curve(reading: Reading, row: int, of: Positions, increment: float | None) -> Curve:
    """By table where there is one; where that has no point, by increment."""
    table = reading.link(row, "RatioTapChanger.RatioTapChangerTable")
    even = Increments(of.neutral, increment or 0.0)
    if table is None:
        if increment is None:
            raise Absurd("RatioTapChanger.stepVoltageIncrement is missing, and it has no table")
        return even
    words = "rated turns are taken" if increment is None else "its stepVoltageIncrement is taken"
    return tabulated(reading, row, table, of, even, words)


def _own(reading: Reading, row: int, name: str, scale: float = 1.0) -> float | None:
    return stated(reading, row, f"TapChanger.{name}", name, scale)


def control(reading: Reading, row: int | None) -> Control | None:
    """A control by row; None without one."""
    if row is None:
        return None
    mode = reading.code(row, "RegulatingControl.mode")
    scale = _scale(reading, row, mode)
    band = reading.number(row, "RegulatingControl.targetDeadband", scale)
    if band is not None and band < 0:
        reading.say(row, "has a targetDeadband below 0; its magnitude is taken")
        band = -band
    return Control(
        reading.mrid(row),
        mode,
        reading.number(row, "RegulatingControl.targetValue", scale),
        band,
        _place(reading, row),
        ordered(reading.code(row, "RegulatingControl.monitoredPhase")),
        reading.flag(row, "RegulatingControl.enabled") is not False,
        _compensation(reading, row),
        (
            reading.number(row, "TapChangerControl.minLimitVoltage", reading.unit.voltage),
            reading.number(row, "TapChangerControl.maxLimitVoltage", reading.unit.voltage),
        ),
        reading.flag(row, "TapChangerControl.reversible") or False,
    )


def _scale(reading: Reading, row: int, mode: str) -> float:
    """targetValueUnitMultiplier, else that of the document."""
    stated = reading.multiplier(row, "RegulatingControl.targetValueUnitMultiplier")
    if stated is not None:
        return stated
    if mode == "voltage":
        return reading.unit.voltage
    return reading.unit.power if mode in ("reactivePower", "activePower") else 1.0


def _place(reading: Reading, row: int) -> Port | None:
    terminal = reading.link(row, "RegulatingControl.Terminal")
    if terminal is None:
        return None
    try:
        return port(reading, terminal)
    except Absurd as why:
        reading.say(row, f"has no regulated node: {why}")
        return None


def _compensation(reading: Reading, row: int) -> Compensation | None:
    if not reading.flag(row, "TapChangerControl.lineDropCompensation"):
        return None
    r, x, back_r, back_x = (
        reading.number(row, f"TapChangerControl.{name}")
        for name in ("lineDropR", "lineDropX", "reverseLineDropR", "reverseLineDropX")
    )
    back = None if back_r is None and back_x is None else (back_r or 0.0, back_x or 0.0)
    return Compensation(r or 0.0, x or 0.0, back)
