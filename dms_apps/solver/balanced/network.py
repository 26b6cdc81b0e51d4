"""The positive sequence of a layout as it is now, by bus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cim.electrical import yprim
from cim.electrical.injections import Generator, Load, Response, Source
from cim.electrical.ports import ABC
from cim.electrical.view import View
from cim.electrical.yprim import Primitive
from dms_apps.solver import primitives
from dms_apps.solver.buses import Buses
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import closed_earthing
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled, titled_of
from dms_apps.solver.sequences import Sequenced, sequenced
from dms_apps.solver.unlike import Unlike

Complex = NDArray[np.complex128]

UNLIKE = 1e-3
"""Coupling between sequences, or difference between phases, over the whole, that is none."""
_TURN = np.exp(2j * np.pi / 3)


@dataclass(frozen=True, eq=False)
class Part:
    """Equipment with an admittance: mRIDs of its elements, buses of its ends, siemens."""

    elements: tuple[str, ...]
    buses: tuple[int, ...]
    made: Sequenced


@dataclass(frozen=True)
class Drawn:
    """A load or generator.

    power: volt-amperes drawn by all phases at the voltage `nominal` between phases.
    """

    mrid: str
    bus: int
    power: complex
    response: Response
    nominal: float


@dataclass(frozen=True)
class Held:
    """A source: volts to earth of the positive sequence behind ohm."""

    mrid: str
    bus: int
    volts: complex
    z: complex


@dataclass(frozen=True, eq=False)
class Network:
    """What feeds a balanced load flow; only what is energised."""

    buses: Buses
    parts: tuple[Part, ...]
    drawn: tuple[Drawn, ...]
    held: tuple[Held, ...]
    unlike: Unlike

    @classmethod
    def of(
        cls, layout: Layout, given: Given, island: NDArray[np.int64], *, equivalent: bool
    ) -> Network:
        """island: of each place, -1 where nothing feeds it."""
        unlike = Unlike()
        buses = Buses.of(layout.view, given, partly=equivalent)
        for remark in buses.remarks:
            unlike.say("Some phases pass and some do not", remark.rstrip("."))
        for node, phase in sorted(given.earthed):
            unlike.say("Grounds are placed", f"{titled_of(layout.view.names, node)} {phase}")
        for called in closed_earthing(layout, given):
            unlike.say("Earthing switches are closed", called)
        for mrid, phases in given.cut.items():
            if not phases >= set(ABC):
                unlike.say("Lines are cut on some phases", titled_of(layout.names, mrid))
        lit = {layout.places[i][0] for i in np.flatnonzero(island >= 0)}
        view = layout.view
        return cls(
            buses,
            tuple(_parts(layout, given, buses, lit, unlike)),
            tuple(_users(view, given, buses, lit, unlike)),
            tuple(
                _source(source, given, buses, unlike)
                for source in view.sources
                if source.port.node in lit and source.mrid not in given.out
            ),
            unlike,
        )


# -- admittances


def _parts(
    layout: Layout, given: Given, buses: Buses, lit: set[str], unlike: Unlike
) -> Iterator[Part]:
    present = dict(zip(layout.elements, primitives.present(layout, given), strict=False))
    kinds = dict(zip(layout.elements, layout.kinds, strict=True))
    rated = {w.port.node: w.rated_u for t in layout.view.transformers for w in t.windings}
    for elements in _groups(layout, present, unlike):
        if kinds[elements[0]] == "source":
            continue
        own = [present[mrid] for mrid in elements]
        if not any(node in lit for one in own for node, _ in one.places):
            continue
        live = any(phase != "N" for one in own for _, phase in one.places)
        if not live or not any(one.y.any() for one in own):
            continue
        called = f"{kinds[elements[0]]} {layout.names.get(elements[0]) or elements[0]}"
        made = _made(own, rated, called, unlike)
        if len(elements) > 1 and kinds[elements[0]] == "transformer":
            made = sequenced(_alike(layout, given, elements, own), rated, partly=True)
        if made is not None:
            yield Part(elements, tuple(buses.number[node] for node in made.nodes), made)


def _groups(
    layout: Layout, present: dict[str, Primitive], unlike: Unlike
) -> Iterator[tuple[str, ...]]:
    """Elements by themselves; those of single phases between the same nodes make one.

    A line beside units of other phases, as in an open delta, is none of its own: in the positive
    sequence it would be beside their ratio.
    """
    alone = {t.mrid for t in layout.view.transformers if t.windings[0].three_phase}
    alone |= {line.mrid for line in layout.view.lines if set(line.phases) >= set(ABC)}
    kinds = dict(zip(layout.elements, layout.kinds, strict=True))
    groups: dict[tuple[str, ...], list[str]] = {}
    for mrid, primitive in present.items():
        if mrid in alone or kinds[mrid] not in ("line", "transformer"):
            yield (mrid,)
        else:
            nodes = sorted({node for node, _ in primitive.places})
            groups.setdefault((kinds[mrid], *nodes), []).append(mrid)
    for (kind, *nodes), some in groups.items():
        if kind == "line" and ("transformer", *nodes) in groups:
            for mrid in some:
                unlike.say(
                    "Lines beside transformers of other phases are left out",
                    titled_of(layout.names, mrid),
                )
        else:
            yield tuple(some)


def _alike(
    layout: Layout, given: Given, elements: Sequence[str], own: Sequence[Primitive]
) -> list[Primitive]:
    """Tanks with the mean of their ratios: taps that differ would be a short circuit in the mean
    of their admittances."""
    tanks = {t.mrid: t for t in layout.view.transformers}
    some = [tanks[m] for m, one in zip(elements, own, strict=True) if one.y.any()]
    taps = [primitives.tap(layout, given, tank) for tank in some]
    means = [
        replace(side[0], ratio=sum(tap.ratio for tap in side) / len(side))
        for side in zip(*taps, strict=True)
    ]
    return [yprim.of_transformer(tank, means) for tank in some]


def _made(
    own: Sequence[Primitive], rated: dict[str, float], called: str, unlike: Unlike
) -> Sequenced | None:
    made = sequenced(own, rated)
    if made is not None:
        if made.coupling > UNLIKE:
            unlike.say(
                f"Phases are not alike, by more than {UNLIKE:g} between sequences",
                f"{called} ({made.coupling:.2g})",
            )
        return made
    made = sequenced(own, rated, partly=True)
    if made is None:
        unlike.say("Equipment has none of the phases A, B, C on one side", called)
    else:
        unlike.say("Equipment has one or two phases", called)
    return made


# -- what draws and what feeds


def _users(
    view: View, given: Given, buses: Buses, lit: set[str], unlike: Unlike
) -> Iterator[Drawn]:
    users: tuple[Load | Generator, ...] = (*view.loads, *view.generators)
    for user in users:
        if user.port.node in lit and user.mrid not in given.out:
            yield _user(user, given, buses, unlike)


def _user(user: Load | Generator, given: Given, buses: Buses, unlike: Unlike) -> Drawn:
    loaded = isinstance(user, Load)
    said = (given.loads if loaded else given.fed).get(user.mrid)
    powers = (user.p + 1j * user.q) if said is None else np.asarray(said)
    response, nominal = Response(), 0.0
    called = titled(user.name, user.mrid)
    if isinstance(user, Load):
        response, nominal = user.response, user.nominal_u or 0.0
        if response.exponents:
            unlike.say("Loads go with a power of voltage", called)
    if np.abs(powers - powers.mean()).max() > UNLIKE * abs(powers.mean()) or len(powers) != 3:
        unlike.say("Phases draw or feed in differently", called)
    sign = 1 if loaded else -1
    power = complex(sign * powers.sum())
    return Drawn(user.mrid, buses.number[user.port.node], power, response, nominal)


def _source(source: Source, given: Given, buses: Buses, unlike: Unlike) -> Held:
    volts = np.asarray(given.volts.get(source.mrid, source.volts))
    turns = np.array([_TURN ** {"A": 0, "B": 1, "C": 2}[phase] for phase in source.phases])
    one = complex((volts * turns).sum() / 3)
    z = source.z
    if len(source.phases) != 3:
        unlike.say("Equipment has one or two phases", f"source {titled(source.name, source.mrid)}")
        one *= 3 / len(source.phases)
    elif np.abs(volts * turns - one).max() > UNLIKE * abs(one):
        unlike.say("Voltages of a source are not alike", titled(source.name, source.mrid))
    off = (z.sum() - np.trace(z)) / max(len(z) * (len(z) - 1), 1)
    own = complex(np.trace(z) / len(z) - off)
    return Held(source.mrid, buses.number[source.port.node], one, own)


def response(drawn: Drawn) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Shares of impedance, current and power, of p and of q; of an exponent to first order."""
    if drawn.response.exponents is None:
        return drawn.response.p, drawn.response.q
    p, q = (_polynomial(exponent) for exponent in drawn.response.exponents)
    return p, q


def _polynomial(exponent: float) -> tuple[float, float, float]:
    """With the value and the slope of a power of voltage at nominal voltage."""
    if not 0 <= exponent <= 2:
        return exponent / 2, 0.0, 1 - exponent / 2
    if exponent > 1:
        return exponent - 1, 2 - exponent, 0.0
    return 0.0, exponent, 1 - exponent
