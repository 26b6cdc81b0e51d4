"""A layout in the components of power-grid-model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from power_grid_model import ComponentType, DatasetType, WindingType, initialize_array

from cim.electrical import yprim
from cim.electrical.injections import Source
from cim.electrical.lines import Line
from cim.electrical.ports import ABC
from cim.electrical.shunts import Shunt
from cim.electrical.transformers import Transformer, Winding
from dms_apps.solver import primitives
from dms_apps.solver.batch.loads import TYPES, Loads, shares
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import closed_earthing
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled_of
from dms_apps.solver.sequences import sequenced
from dms_apps.solver.unlike import Unlike

Row = dict[str, object]
Rows = dict[str, list[Row]]

_STIFF = 1e-5
"""Ohm; a source behind less holds the voltage of its node."""
_POWER = 1e20
"""VA, short-circuit power of what holds a voltage."""
_UNLIKE = 1e-6
_WINDINGS = {"D": WindingType.delta, "Yn": WindingType.wye_n, "Y": WindingType.wye}
_TURN = np.exp(2j * np.pi / 3)


class Unrepresentable(ValueError):
    """What power-grid-model has no component for: a sentence for each kind, naming the objects."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The components, and where in them things are.

    data:    arrays by type of component.
    node:    id by mRID of the node.
    element: type of component and row in it, by mRID; a transformer's core is a shunt besides.
    cores:   rows of these shunts, by mRID of the transformer.
    loads:   rows of `asym_load`; shunts of a star come after them.
    remarks: sentences.
    """

    layout: Layout
    data: Mapping[str, NDArray[np.void]]
    node: Mapping[str, int]
    element: Mapping[str, tuple[str, int]]
    cores: Mapping[str, tuple[int, ...]]
    loads: Loads
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, layout: Layout, given: Given, frequency: float) -> Grid:
        """Raises: Unrepresentable."""
        maker = _Maker(layout, given, frequency)
        grid = maker.made()
        if maker.unlike.found:
            raise Unrepresentable(
                "power-grid-model cannot represent this network. "
                + " ".join(maker.unlike.sentences())
            )
        return grid


class _Maker:
    """Gathers rows; `unlike` what there is none for."""

    def __init__(self, layout: Layout, given: Given, frequency: float) -> None:
        self.layout, self.given, self.omega = layout, given, 2 * math.pi * frequency
        self.unlike = Unlike()
        self.rows: Rows = {}
        self.element: dict[str, tuple[str, int]] = {}
        self.cores: dict[str, tuple[int, ...]] = {}
        self.node: dict[str, int] = {}
        self.count = 0

    def made(self) -> Grid:
        self.beside()
        self.nodes()
        view = self.layout.view
        for line in view.lines:
            self.line(line)
        for transformer in view.transformers:
            self.transformer(transformer)
        self.links()
        for source in view.sources:
            self.source(source)
        loads = self.loads()
        for shunt in view.shunts:
            self.shunt(primitives.stepped(shunt, self.given))
        if view.earths:
            self.unlike.say("What earths a conductor has no component", str(len(view.earths)))
        return Grid(
            self.layout,
            dict(self.arrays()),
            self.node,
            self.element,
            self.cores,
            loads,
            self.layout.remarks,
        )

    def beside(self) -> None:
        for node, phase in sorted(self.given.earthed):
            self.unlike.say("Grounds are placed", f"{self.called_node(node)} {phase}")
        for called in closed_earthing(self.layout, self.given):
            self.unlike.say("Earthing switches are closed", called)
        for mrid in self.given.cut:
            self.unlike.say("Lines are cut", self.called(mrid))
        for (one, phase), (two, _) in sorted(self.given.joined):
            self.unlike.say(
                "Nodes are joined beside the models",
                f"{self.called_node(one)} and {self.called_node(two)} {phase}",
            )

    def arrays(self) -> Iterator[tuple[str, NDArray[np.void]]]:
        for kind, rows in self.rows.items():
            array = initialize_array(DatasetType.input, ComponentType[kind], len(rows))
            for name in dict.fromkeys(key for row in rows for key in row):
                array[name] = [row[name] for row in rows]
            yield kind, array

    # -- rows

    def add(self, kind: str, mrid: str = "", **said: object) -> int:
        """A row with the next id, which it returns."""
        rows = self.rows.setdefault(kind, [])
        if mrid:
            self.element[mrid] = kind, len(rows)
        rows.append({"id": self.count, **said})
        self.count += 1
        return self.count - 1

    def called(self, mrid: str) -> str:
        return titled_of(self.layout.names, mrid)

    def called_node(self, node: str) -> str:
        return titled_of(self.layout.view.names, node)

    def on(self, *mrids: str) -> int:
        """1 in service."""
        return int(not any(mrid in self.given.out for mrid in mrids))

    def nodes(self) -> None:
        volts = {place[0]: v for place, v in zip(
            self.layout.places, self.layout.nominal.tolist(), strict=True) if place[1] in ABC
        }  # fmt: skip
        for node, to_earth in volts.items():
            if to_earth > 0:
                self.node[node] = self.add("node", u_rated=to_earth * math.sqrt(3))
            else:
                self.unlike.say("Nodes have no nominal voltage", node)

    def ends(self, nodes: tuple[str, ...]) -> list[int] | None:
        """Ids of nodes; None when one is not represented."""
        found = [self.node.get(node) for node in nodes]
        return None if None in found else [one for one in found if one is not None]

    # -- equipment

    def line(self, line: Line) -> None:
        called = f"line {self.called(line.mrid)}"
        ends = self.ends(tuple(end.node for end in line.ends))
        if set(line.phases) != set(ABC) or ends is None:
            self.unlike.say("Lines have one, two or four conductors", called)
            return
        if np.abs(line.y.real).max() > _UNLIKE * max(np.abs(line.y).max(), 1e-12):
            self.unlike.say("Lines have a conductance to earth", called)
        order = [line.phases.index(phase) for phase in ABC]
        z, y = (m[np.ix_(order, order)] for m in (line.z, line.y))
        said: Row = {}
        for i, one in enumerate("abc"):
            for j, two in enumerate("abc"[: i + 1]):
                said[f"r_{one}{two}"], said[f"x_{one}{two}"] = z[i, j].real, z[i, j].imag
                said[f"c_{one}{two}"] = y[i, j].imag / self.omega
        status = self.on(line.mrid)
        self.add(
            "asym_line", line.mrid, from_node=ends[0], to_node=ends[1], from_status=status,
            to_status=status, i_n=np.nan, **said,
        )  # fmt: skip

    def transformer(self, transformer: Transformer) -> None:
        called = self.called(transformer.mrid)
        windings = transformer.windings
        ends = self.ends(tuple(winding.port.node for winding in windings))
        inside = transformer.leakage
        if len(windings) != 2 or not all(w.connection in _WINDINGS for w in windings):
            self.unlike.say("Transformers are not of two windings of three phases", called)
            return
        if ends is None:
            return
        if inside.z0 is not None and abs(inside.z0[0, 1] / inside.z[0, 1] - 1) > _UNLIKE:
            self.unlike.say("Transformers have a zero sequence impedance of their own", called)
        taps = primitives.tap(self.layout, self.given, transformer)
        if any(tap.angle for tap in taps):
            self.unlike.say("Transformers shift phases by taps", called)
        z = complex(inside.tapped(taps, [w.rated_u for w in windings]).z[0, 1])
        power = windings[0].rated_s or windings[1].rated_s or 1e6
        base = windings[0].rated_u ** 2 / power
        status = self.on(transformer.mrid, transformer.bank)
        sides = [
            (f"{name}_{side}", value)
            for side, winding in zip(("from", "to"), windings, strict=True)
            for name, value in _side(winding)
        ]
        u1, u2 = (w.rated_u * tap.ratio for w, tap in zip(windings, taps, strict=True))
        self.add(
            "transformer", transformer.mrid, from_node=ends[0], to_node=ends[1],
            from_status=status, to_status=status, u1=u1, u2=u2, sn=power, uk=abs(z) / base,
            pk=z.real / base * power, i0=0.0, p0=0.0,
            clock=(windings[1].clock - windings[0].clock) % 12, tap_side=0, tap_pos=0, tap_min=0,
            tap_max=0, tap_size=0.0, **dict(sides),
        )  # fmt: skip
        for core in transformer.cores:
            winding, tap = windings[core.place], taps[core.place]
            made = core.tapped(taps)
            earth = made.y0 if winding.is_star and winding.grounded else 0j
            if earth and winding.z_ground:
                self.unlike.say("Transformers with a core have a neutral impedance", called)
            self.admittance(ends[core.place], made.y / tap.ratio**2, earth / tap.ratio**2, status)
            rows = self.cores.get(transformer.mrid, ())
            self.cores[transformer.mrid] = (*rows, len(self.rows["shunt"]) - 1)

    def admittance(self, node: int, one: complex, zero: complex, status: int) -> None:
        self.add(
            "shunt", node=node, status=status, g1=one.real, b1=one.imag, g0=zero.real, b0=zero.imag
        )

    def links(self) -> None:
        for switch in self.layout.view.switches:
            called = self.called(switch.mrid)
            ends = self.ends(tuple(end.node for end in switch.ends))
            if {p.one for p in switch.poles} != set(ABC) or any(
                p.one != p.two for p in switch.poles
            ):
                self.unlike.say("Switches have one or two poles, or cross phases", called)
            elif len(switch.ends) != 2 or ends is None:
                self.unlike.say("Switches go to earth", called)
            else:
                closed = self.closed(switch.mrid, self.given)
                if closed is None:
                    self.unlike.say("Switches are closed on some phases", called)
                status = int(bool(closed)) * self.on(switch.mrid)
                self.add("link", switch.mrid, from_node=ends[0], to_node=ends[1],
                         from_status=status, to_status=status)  # fmt: skip

    def closed(self, mrid: str, given: Given) -> bool | None:
        """Whether a switch is closed; None when some of its poles are."""
        switch = next(one for one in self.layout.view.switches if one.mrid == mrid)
        said = given.poles.get(mrid)
        poles = [p.closed if said is None else p.one in said for p in switch.poles]
        return all(poles) if all(poles) or not any(poles) else None

    def source(self, source: Source) -> None:
        called = self.called(source.mrid)
        node = self.node.get(source.port.node)
        volts = np.asarray(self.given.volts.get(source.mrid, source.volts))
        if source.phases != ABC or node is None:
            self.unlike.say("Sources have one or two phases", called)
            return
        if np.abs(volts * [1, _TURN, _TURN**2] - volts[0]).max() > _UNLIKE * abs(volts[0]):
            self.unlike.say("Voltages of a source are not alike", called)
        status, rated = self.on(source.mrid), float(self.rows["node"][node]["u_rated"])  # type: ignore[arg-type]
        if np.abs(source.z).max() > _STIFF:
            # Behind a line of its own, since here the zero sequence has a ratio R/X of its own.
            inner = self.add("node", u_rated=rated)
            off = (source.z.sum() - np.trace(source.z)) / 6
            one = np.trace(source.z) / 3 - off
            zero = one + 3 * off
            self.add(
                "line", from_node=inner, to_node=node, from_status=status, to_status=status,
                r1=one.real, x1=one.imag, c1=0.0, tan1=0.0, r0=zero.real, x0=zero.imag, c0=0.0,
                tan0=0.0, i_n=np.nan,
            )  # fmt: skip
            node = inner
        self.add(
            "source", source.mrid, node=node, status=status,
            u_ref=abs(volts[0]) * math.sqrt(3) / rated, u_ref_angle=float(np.angle(volts[0])),
            sk=_POWER, rx_ratio=0.1, z01_ratio=1.0,
        )  # fmt: skip

    def shunt(self, shunt: Shunt) -> None:
        node, status = self.node.get(shunt.port.node), self.on(shunt.mrid)
        if node is None:
            return
        if shunt.connection == "Y" and shunt.grounded:
            volts = float(self.rows["node"][node]["u_rated"]) / math.sqrt(3)  # type: ignore[arg-type]
            drawn = np.zeros(3, np.complex128)
            for (phase, _), y in zip(shunt.branches, shunt.y, strict=True):
                drawn[ABC.index(phase)] = volts**2 * np.conj(y)
            self.add("asym_load", shunt.mrid, node=node, status=status, type=TYPES[0],
                     p_specified=drawn.real, q_specified=drawn.imag)  # fmt: skip
            return
        found = sequenced([yprim.of_shunt(shunt)], {})
        if found is None or found.coupling > _UNLIKE:
            self.unlike.say("Shunts between phases are not alike", self.called(shunt.mrid))
            return
        self.element[shunt.mrid] = "shunt", len(self.rows.get("shunt", ()))
        self.admittance(node, complex(found.one[0, 0]), complex(found.zero[0, 0]), status)

    # -- loads and generators

    def loads(self) -> Loads:
        table = self.layout.branches
        factor, part, base, mrids = [], [], [], []
        first = [0]
        for mrid, rows in self.layout.parts.items():
            node = self.node.get(self.layout.places[table.start[rows[0]]][0])
            if (table.end[rows] >= 0).any() or node is None:
                self.unlike.say("Loads are between phases, or at a neutral", self.called(mrid))
                continue
            if not np.isnan(table.shares[rows][:, [3, 7]]).all():
                self.unlike.say("Loads go with a power of voltage", self.called(mrid))
                continue
            volts = float(self.rows["node"][node]["u_rated"]) / math.sqrt(3)  # type: ignore[arg-type]
            own, which = shares(self.layout, rows, volts)
            powers = table.p[rows] + 1j * table.q[rows]
            now = powers if (g := self.said(mrid)) is None else np.asarray(g)
            mrids.append(mrid)
            base.append(powers)
            for kind in np.flatnonzero(own.any(axis=1)).tolist():
                factor.append(own[kind])
                part.append(which)
                values = now[which]
                self.add("asym_load", node=node, status=self.on(mrid), type=TYPES[kind],
                         p_specified=values.real * own[kind].real,
                         q_specified=values.imag * own[kind].imag)  # fmt: skip
            first.append(len(factor))
        many = (np.array(factor).reshape(-1, 3), np.array(part, np.int64).reshape(-1, 3))
        return Loads(tuple(mrids), np.array(first, np.int64), *many, tuple(base))

    def said(self, mrid: str) -> NDArray[np.complex128] | None:
        """What is given of a load or generator, as drawn."""
        if mrid in self.given.fed:
            return -np.asarray(self.given.fed[mrid])
        return self.given.loads.get(mrid)


def _side(winding: Winding) -> Iterator[tuple[str, object]]:
    floating = winding.connection == "Yn" and not winding.grounded
    yield "winding", WindingType.wye if floating else _WINDINGS[winding.connection]
    if winding.connection != "D" and winding.grounded:
        yield "r_grounding", winding.z_ground.real
        yield "x_grounding", winding.z_ground.imag
    else:
        yield "r_grounding", 0.0
        yield "x_grounding", 0.0
