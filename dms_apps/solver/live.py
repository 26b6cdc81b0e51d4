"""A network as operated, ready to be solved: its layout, and what is given now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from cim.electrical import view
from cim.model import Model
from cim.model.merging import merged
from cim.network import Measured, Network
from dms_apps.solver.curves import ALL, Curves, named
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled
from dms_apps.solver.sources import with_forming, with_mobile
from dms_apps.solver.steps import beyond

TAP = ("TapPosition", "SvTapStep", "tapStep")
"""What Measurement.measurementType says of the position of a tap changer."""


@dataclass(frozen=True, eq=False)
class Live:
    """One moment of a network.

    model:   all that its models say, put together.
    remarks: what of it is missing, absurd, stale or taken otherwise, in sentences.
    """

    layout: Layout
    given: Given
    remarks: tuple[str, ...]
    model: Model


class Lives:
    """Makes them; what follows from the models alone is kept until they change.

    frequency: hertz, for lines described by wires whose model says none.
    forming:   mRIDs or names of generators that may hold the voltage of an island.
    stale:     how old a measured tap position may be.
    inverters: name of a curve by mRID or name of a generator; "*" for all other inverters.
    curves:    by name, beside `curves.PRESETS`.
    Raises: ValueError for a curve of no known name.
    """

    def __init__(
        self,
        frequency: float | None = None,
        forming: Collection[str] = (),
        stale: timedelta = timedelta(hours=24),
        inverters: Mapping[str, str] | None = None,
        curves: Mapping[str, Curves] | None = None,
    ) -> None:
        self._frequency = frequency
        self._forming = frozenset(forming)
        self._stale = stale
        self._curves = named(inverters or {}, curves or {})

    def prepare(self, network: Network) -> Layout:
        """Read the models of a network that is new, which takes longest."""
        return self._modelled(network)[1]

    def of(self, network: Network, now: datetime) -> Live:
        """The network as it is now."""
        model, layout = self._modelled(network)
        given = with_parts(layout, Given.of(network))
        steps, unsure = self._steps(network, model, layout, now)
        curves = dict(_following(layout, self._curves))
        given = Given(steps=steps, curves=curves).over(given)
        layout, mobile = with_mobile(layout, network.reported.fresh)
        able = {g.mrid for g in layout.view.generators if {g.mrid, g.name} & self._forming}
        layout, formed = with_forming(layout, given, able)
        remarks = (*layout.view.problems, *unsure, *mobile, *formed)
        return Live(layout, given, tuple(dict.fromkeys(remarks)), model)

    def _modelled(self, network: Network) -> tuple[Model, Layout]:
        return _models.of(network, self._frequency)

    def _steps(
        self, network: Network, model: Model, layout: Layout, now: datetime
    ) -> tuple[dict[str, float], list[str]]:
        """Measured positions by tap changer, and sentences about those that are not used."""
        known = {one.mrid: one for one in layout.view.tap_changers}
        steps: dict[str, float] = {}
        unsure: list[str] = []
        for changer, measurement in _tap_measurements(model):
            measured = network.measurement(measurement)
            if changer not in known or measured is None:
                continue
            why = self._doubt(measured, now)
            if measured.value is None or why:
                called = titled(known[changer].name, changer)
                unsure.append(f"Tap changer {called}: its measured position {why} is not used.")
            else:
                steps[changer] = float(measured.value)
        for changer, why in beyond(layout, steps).items():
            called = titled(known[changer].name, changer)
            unsure.append(f"Tap changer {called}: its measured {why}; it is not used.")
            del steps[changer]
        return steps, unsure

    def _doubt(self, measured: Measured, now: datetime) -> str:
        if measured.value is None:
            return "without a value"
        if measured.validity == "INVALID":
            return "of invalid quality"
        if measured.at is not None and now - measured.at > self._stale:
            return f"of {measured.at.isoformat()} is stale and"
        return ""


def with_parts(layout: Layout, given: Given) -> Given:
    """A line that is out of service is so in all of its parts, between cuts and clamps."""
    parts = {line.mrid for line in layout.view.lines if line.segment in given.out}
    return replace(given, out=given.out | parts) if parts else given


def _following(layout: Layout, curves: Mapping[str, Curves]) -> Iterator[tuple[str, Curves]]:
    """The curves of generators, by mRID."""
    for one in layout.view.generators:
        own = curves.get(one.mrid, curves.get(one.name))
        if own is None and one.kind == "PowerElectronicsConnection":
            own = curves.get(ALL)
        if own is not None:
            yield one.mrid, own


class _Models:
    """What follows from the models alone, for all apps of a process; of the latest network."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._latest: tuple[Mapping[str, Model], float | None, Model, Layout] | None = None

    def of(self, network: Network, frequency: float | None) -> tuple[Model, Layout]:
        with self._lock:
            kept = self._latest
            if kept is None or kept[0] is not network.models or kept[1] != frequency:
                models = [network.model(mrid) for mrid in network.version]
                model = models[0] if len(models) == 1 else merged(models)
                layout = Layout.of(view.read(model, frequency=frequency))
                kept = self._latest = network.models, frequency, model, layout
            return kept[2], kept[3]


_models = _Models()


def _tap_measurements(model: Model) -> Iterator[tuple[str, str]]:
    """Tap changers with the measurements of their positions."""
    rows, texts = model.values("Measurement.measurementType")
    kinds = {row: model.text(text) for row, text in zip(rows.tolist(), texts.tolist(), strict=True)}
    for row, of in zip(*model.links("Measurement.PowerSystemResource"), strict=True):
        if kinds.get(int(row)) in TAP:
            yield model.mrid(int(of)), model.mrid(int(row))
