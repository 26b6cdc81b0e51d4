"""Transformers: windings, how they are connected, leakage between them and the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cim.electrical.leakage import Core, Leakage, cores, leakage
from cim.electrical.phase_shifters import present
from cim.electrical.ports import Port, live, ordered, port, stated_phases
from cim.electrical.reading import Absurd, Reading, data_sheets
from cim.electrical.taps import NOMINAL, Tap

STAR = ("Y", "Yn", "A")
ZIGZAG = ("Z", "Zn")
CONNECTIONS = ("D", *STAR, *ZIGZAG, "I")


@dataclass(frozen=True)
class Winding:
    """One end of a transformer or tank.

    mrid:       of the PowerTransformerEnd or TransformerTankEnd.
    port:       where it is connected.
    phases:     conductors in winding order: of connection I (from, to), or (from,) with earth at
                the other side; else three phases, and "N" where the star point is brought out.
    connection: WindingConnection: D, Y, Yn, Z, Zn, A (common winding of an autotransformer) or I.
    clock:      hours by which it lags end 1 (phaseAngleClock); with I the order of phases says it.
    rated_u:    volts, between phases, with I across the winding.
    rated_s:    volt-amperes; None when not given.
    grounded:   whether the star point, or N of a winding I, is earthed.
    z_ground:   impedance to earth in ohm, when it is.
    tap:        what its tap changers do at their present positions.
    apart:      whether a star, Y or Z and of a tank, names its phases without the neutral: its
                star point, earthed or not, is not the neutral of its node.
    """

    mrid: str
    number: int
    port: Port
    phases: tuple[str, ...]
    connection: str
    clock: int
    rated_u: float
    rated_s: float | None
    grounded: bool
    z_ground: complex
    tap: Tap = NOMINAL
    apart: bool = False

    @property
    def ratio(self) -> float:
        """Present turns over rated turns."""
        return self.tap.ratio

    @property
    def is_star(self) -> bool:
        """Whether it has a star point: all but D and I."""
        return self.connection in STAR or self.is_zigzag

    @property
    def is_zigzag(self) -> bool:
        """Whether each phase has halves on two limbs: Z or Zn."""
        return self.connection in ZIGZAG

    @property
    def three_phase(self) -> bool:
        return self.connection != "I"


@dataclass(frozen=True, eq=False)
class Transformer:
    """One tank of a bank, or a whole PowerTransformer whose ends carry the data.

    mrid:         of the TransformerTank, else of the PowerTransformer.
    bank:         mRID of the PowerTransformer.
    vector_group: as stated, e.g. "Dyn1"; nothing here is computed from it.
    windings:     by end number.
    leakage:      as stated; with the deviations of tap tables in `Leakage.tapped`.
    cores:        magnetising branches, none or one, or one at each of several ends; likewise.
    """

    mrid: str
    name: str
    bank: str
    vector_group: str
    windings: tuple[Winding, ...]
    leakage: Leakage
    cores: tuple[Core, ...]


def transformers(reading: Reading) -> tuple[Transformer, ...]:
    """Every tank, and every PowerTransformer without tanks."""
    banks = {
        row: bank
        for bank in reading.of_class("PowerTransformer")
        for row in reading.behind(bank, "TransformerTank.PowerTransformer") or [bank]
    }
    found = reading.made(banks, lambda row: _transformer(reading, banks[row], row))
    for row in reading.of_class("TransformerTank"):
        if row not in banks:
            reading.say(row, "is left out: it belongs to no PowerTransformer")
    known = {end for row, bank in banks.items() for end in _ends_behind(reading, bank, row)}
    for end in reading.of_class("PowerTransformerEnd", "TransformerTankEnd"):
        if end not in known:
            reading.say(end, "is left out: it belongs to no transformer")
    return found


def _transformer(reading: Reading, bank: int, row: int) -> Transformer:
    pairs = ends_of(reading, bank, row)
    ends, sheets = [end for end, _ in pairs], [sheet for _, sheet in pairs]
    windings = tuple(_winding(reading, end, sheet) for end, sheet in pairs)
    _fit(windings)
    rated = [winding.rated_u for winding in windings]
    inside = leakage(reading, ends, sheets, rated)
    _check_zigzag(windings, inside)
    _name_deviations(reading, row, inside, windings)
    return Transformer(
        reading.mrid(row),
        reading.name(row),
        reading.mrid(bank),
        reading.text(bank, "PowerTransformer.vectorGroup"),
        windings,
        inside,
        cores(reading, ends, sheets, rated),
    )


def _number(reading: Reading, end: int) -> int:
    number = reading.whole(end, "TransformerEnd.endNumber")
    if number is None:
        number = reading.whole(end, "PowerTransformerEnd.endNumber")
    if number is None:
        raise Absurd(f"its {reading.called(end)} has no endNumber")
    return number


def ends_of(reading: Reading, bank: int, row: int) -> list[tuple[int, int | None]]:
    """The ends of a tank, or of a bank without tanks (`row` is `bank`), with their data sheets,
    in the order of their numbers.

    Raises: Absurd when their numbers do not tell at least two ends apart.
    """
    return reading.once(("ends", row), lambda: _ends_of(reading, bank, row))


def _ends_of(reading: Reading, bank: int, row: int) -> list[tuple[int, int | None]]:
    kind = "PowerTransformer" if row == bank else "TransformerTank"
    ends = _ends_behind(reading, bank, row)
    infos = _infos(reading, row, f"{kind}Info")
    numbers = {end: _number(reading, end) for end in ends}
    if len(ends) < 2 or len(set(numbers.values())) < len(ends):
        raise Absurd(f"it has {len(ends)} ends, numbered {sorted(numbers.values())}")
    return [(end, infos.get(numbers[end])) for end in sorted(ends, key=lambda end: numbers[end])]


def _ends_behind(reading: Reading, bank: int, row: int) -> list[int]:
    kind = "PowerTransformer" if row == bank else "TransformerTank"
    return reading.behind(row, f"{kind}End.{kind}")


def _infos(reading: Reading, row: int, kind: str) -> dict[int, int]:
    """The TransformerEndInfos of equipment by end number; none without data sheets."""
    sheets = reading.links(row, "TransformerTank.TransformerTankInfo") or [
        sheet for sheet in data_sheets(reading, row) if reading.kind(sheet) == kind
    ]
    tanks = [
        tank
        for sheet in sheets
        for tank in reading.behind(sheet, "TransformerTankInfo.PowerTransformerInfo") or [sheet]
    ]
    infos = [
        i for tank in tanks for i in reading.behind(tank, "TransformerEndInfo.TransformerTankInfo")
    ]
    return {reading.whole(info, "TransformerEndInfo.endNumber") or 0: info for info in infos}


def _winding(reading: Reading, end: int, info: int | None) -> Winding:
    """An end, with what it does not say itself from its data sheet."""
    own = "PowerTransformerEnd"
    said, source = (
        (end, own)
        if info is None or reading.text(end, f"{own}.ratedU")
        else (
            info,
            "TransformerEndInfo",
        )
    )
    if not reading.text(said, f"{source}.ratedU"):
        raise Absurd(f"its {reading.called(end)} has neither a ratedU nor a TransformerEndInfo")
    terminal = reading.link(end, "TransformerEnd.Terminal", "PowerTransformerEnd.Terminal")
    if terminal is None:
        raise Absurd(f"its {reading.called(end)} has no terminal")
    place = port(reading, terminal)
    connection = reading.code(said, f"{source}.connectionKind")
    if connection not in CONNECTIONS:
        raise Absurd(f"its {reading.called(end)} has the connection {connection or 'none'}")
    clock = reading.whole(said, f"{source}.phaseAngleClock") or 0
    stated = _stated(reading, end, clock)
    phases = _phases(reading, end, place, connection, stated)
    grounded, z_ground = _earthing(reading, end, connection, phases)
    return Winding(
        reading.mrid(end),
        _number(reading, end),
        place,
        phases,
        connection,
        clock,
        reading.positive(said, f"{source}.ratedU", reading.unit.voltage),
        reading.rating(said, f"{source}.ratedS", reading.unit.power),
        grounded,
        z_ground,
        _tap(reading, end, connection),
        bool(stated) and "N" not in stated and connection in ("Y", "Z"),
    )


def _tap(reading: Reading, end: int, connection: str) -> Tap:
    tap = present(reading, end)
    if tap.angle and connection == "I":
        reading.say(end, "is one winding, which cannot turn phases; its phase shift is not taken")
        return replace(tap, angle=0.0)
    return tap


def _check_zigzag(windings: Sequence[Winding], inside: Leakage) -> None:
    """Raises: Absurd when the zero sequence of a zigzag is not known.

    It passes between the halves of the zigzag, and nothing of it to another winding.
    """
    if not any(winding.is_zigzag for winding in windings):
        return
    if len(windings) > 2 or all(winding.is_zigzag for winding in windings):
        raise Absurd("it has a zigzag that is not one of two windings, the other of which is none")
    if inside.z0 is None:
        raise Absurd("it has a zigzag, whose zero sequence impedance is not given")


def _name_deviations(
    reading: Reading, row: int, inside: Leakage, windings: Sequence[Winding]
) -> None:
    if len(windings) > 3 and inside.star is None and any(w.tap.r or w.tap.x for w in windings):
        reading.say(
            row,
            "has a tap changer whose table deviates in r and x, and no star equivalent that these "
            "could be of; its impedances are taken as stated",
        )


def _phases(
    reading: Reading, end: int, place: Port, connection: str, stated: tuple[str, ...]
) -> tuple[str, ...]:
    """Raises: Absurd when they do not fit the connection or the terminal."""
    phases = stated or stated_phases([place])
    if place.phases and not set(live(phases)) <= set(place.phases):
        raise Absurd(
            f"its {reading.called(end)} has the phases {''.join(phases)} and its terminal "
            f"{''.join(place.phases)}"
        )
    count = len(live(phases))
    if connection == "I" and not (len(phases) == 2 or len(phases) == count == 1):
        raise Absurd(f"its {reading.called(end)} is one winding with the phases {''.join(phases)}")
    if connection != "I" and count != 3:
        raise Absurd(
            f"its {reading.called(end)} is connected {connection} with the phases {''.join(phases)}"
        )
    if connection == "D":
        return live(phases)
    return phases


def _stated(reading: Reading, end: int, clock: int) -> tuple[str, ...]:
    """The phases of a tank's end, in winding order; none of other ends.

    Before orderedPhases (CIM100) clock 6 alone said that a winding is turned about.
    """
    if phases := ordered(reading.code(end, "TransformerTankEnd.orderedPhases")):
        if clock % 12 == 6 and len(phases) == 2 and phases[0] != "N":
            reading.say(end, f"has clock 6 and the phases {''.join(phases)}; their order is taken")
        return phases
    phases = ordered(reading.code(end, "TransformerTankEnd.phases"))
    return phases[::-1] if clock % 12 == 6 and len(phases) == 2 else phases


def _earthing(
    reading: Reading, end: int, connection: str, phases: Sequence[str]
) -> tuple[bool, complex]:
    """Whether and through what the star point or N is earthed (TransformerEnd.grounded)."""
    grounded = reading.flag(end, "TransformerEnd.grounded")
    across = connection == "D" or (connection == "I" and "N" not in phases and len(phases) == 2)
    if across:
        if grounded:
            reading.say(end, "is said to be earthed, and has no neutral to earth")
        return False, 0j
    if grounded is None:
        grounded = connection in ("Yn", "Zn", "A")
        word = "" if grounded else "not "
        reading.say(end, f"does not say whether it is earthed; it is taken as {word}earthed")
    if connection == "I" and len(phases) == 1 and not grounded:
        raise Absurd(f"its {reading.called(end)} has phase {phases[0]} at one side only")
    z = complex(
        reading.number(end, "TransformerEnd.rground") or 0,
        reading.number(end, "TransformerEnd.xground") or 0,
    )
    return grounded, z if grounded else 0j


def _fit(windings: Sequence[Winding]) -> None:
    """Raises: Absurd when the connections and clocks of these windings exclude one another."""
    if len({winding.three_phase for winding in windings}) > 1:
        raise Absurd("some of its ends have one winding and some have three")
    if not windings[0].three_phase:
        return
    if len({frozenset(live(winding.phases)) for winding in windings}) > 1:
        raise Absurd("its ends have different phases")
    first = windings[0]
    for winding in windings[1:]:
        hours = winding.clock - first.clock
        if (hours % 2 == 1) != ((winding.connection in STAR) != (first.connection in STAR)):
            raise Absurd(
                f"clock {hours} of end {winding.number} is impossible between "
                f"{first.connection} and {winding.connection}"
            )
