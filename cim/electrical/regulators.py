"""Tap changers and the controls that move them, or switch capacitors."""

from __future__ import annotations

from dataclasses import dataclass

from cim.electrical.ports import ABC, Port, ordered, port
from cim.electrical.reading import Absurd, Reading


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
    increment:     share of the rated voltage per step, e.g. 0.00625.
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
    increment: float
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
    def ratio(self) -> float:
        """Present turns over rated turns."""
        return 1 + (self.step - self.neutral) * self.increment


def regulators(reading: Reading) -> tuple[Regulator, ...]:
    """All RatioTapChangers; other kinds of tap changers are named as not read."""
    for row in reading.of_class(
        "PhaseTapChangerLinear",
        "PhaseTapChangerNonLinear",
        "PhaseTapChangerSymmetrical",
        "PhaseTapChangerAsymmetrical",
        "PhaseTapChangerTabular",
    ):
        reading.say(row, "is not read; its transformer is taken without phase shift")
    rows = reading.of_class("RatioTapChanger")
    return reading.made(rows, lambda row: _regulator(reading, row))


def ratio(reading: Reading, end: int) -> float:
    """Turns over rated turns that an end has now; 1 where its tap changer cannot be read."""
    for row in reading.either(
        end, "TransformerEnd.RatioTapChanger", "RatioTapChanger.TransformerEnd"
    ):
        try:
            return _regulator(reading, row).ratio
        except Absurd:
            return 1.0
    return 1.0


def _regulator(reading: Reading, row: int) -> Regulator:
    ends = reading.either(row, "RatioTapChanger.TransformerEnd", "TransformerEnd.RatioTapChanger")
    if not ends:
        raise Absurd("it belongs to no transformer end")
    end = ends[0]
    whole = reading.link(
        end, "TransformerTankEnd.TransformerTank", "PowerTransformerEnd.PowerTransformer"
    )
    if whole is None:
        raise Absurd(f"its {reading.called(end)} belongs to no transformer")
    low = round(reading.needed(row, "TapChanger.lowStep"))
    high = round(reading.needed(row, "TapChanger.highStep"))
    neutral = round(reading.needed(row, "TapChanger.neutralStep"))
    increment = reading.needed(row, "RatioTapChanger.stepVoltageIncrement", 0.01)
    normal = reading.whole(row, "TapChanger.normalStep")
    step = _step(reading, row, normal, neutral)
    if not low <= step <= high:
        reading.say(row, f"is at step {step:g}, outside of its range {low} to {high}")
    info = _info(reading, row)
    return Regulator(
        mrid=reading.mrid(row),
        name=reading.name(row),
        transformer=reading.mrid(whole),
        end=reading.mrid(end),
        phases=_phases(reading, end),
        step=step,
        low=low,
        high=high,
        neutral=neutral,
        normal=normal,
        increment=increment,
        neutral_u=reading.number(row, "TapChanger.neutralU", reading.unit.voltage),
        under_load=reading.flag(row, "TapChanger.ltcFlag") is not False,
        enabled=reading.flag(row, "TapChanger.controlEnabled") is not False,
        delay=reading.number(row, "TapChanger.initialDelay"),
        pause=reading.number(row, "TapChanger.subsequentDelay"),
        pt_ratio=_either(reading, row, info, "ptRatio"),
        ct_ratio=_either(reading, row, info, "ctRatio"),
        ct_rating=_either(reading, row, info, "ctRating"),
        control=control(reading, reading.link(row, "TapChanger.TapChangerControl")),
    )


def _phases(reading: Reading, end: int) -> tuple[str, ...]:
    stated = ordered(reading.code(end, "TransformerTankEnd.orderedPhases"))
    terminal = reading.link(end, "TransformerEnd.Terminal")
    if not stated and terminal is not None:
        stated = ordered(reading.code(terminal, "Terminal.phases"))
    return stated or ABC


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


def _info(reading: Reading, row: int) -> int | None:
    sheets = reading.either(
        row, "PowerSystemResource.AssetDatasheet", "AssetInfo.PowerSystemResources"
    )
    return next((sheet for sheet in sheets if reading.kind(sheet) == "TapChangerInfo"), None)


def _either(reading: Reading, row: int, info: int | None, name: str) -> float | None:
    value = reading.number(row, f"TapChanger.{name}")
    if value is None and info is not None:
        value = reading.number(info, f"TapChangerInfo.{name}")
    return value


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
