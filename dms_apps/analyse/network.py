"""What an analysis is of: a network from files, from versions in the journal, or from the hub."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from cim.electrical.phase_shifters import PhaseShifter
from cim.electrical.regulators import Regulator
from cim.electrical.switches import Switch
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.live import Live, Lives
from hub.cli import show
from hub.cli.model_trace import network_of
from hub.config import Config


def live(config: Config, options: argparse.Namespace) -> Live:
    """Raises: ValueError, when there is no model in it."""
    network = network_of(config, options)
    if options.normal:
        network = network.normal
    if not network.version:
        raise ValueError("there is no model of a network: name files, or a hub that has one")
    for problem in network.problems:
        show.say(problem)
    now = options.at or datetime.now(UTC)
    found = Lives(options.frequency).of(network, now)
    return Live(found.layout, assumed(found.layout, options).over(found.given), found.remarks)


def assumed(layout: Layout, options: argparse.Namespace) -> Given:
    """What the command line says is otherwise.  Raises: ValueError, naming what is not there."""
    view = layout.view
    poles = {mrid: frozenset[str]() for mrid in _named(view.switches, options.open)}
    for mrid in _named(view.switches, options.close):
        switch = next(one for one in view.switches if one.mrid == mrid)
        poles[mrid] = frozenset(pole.one for pole in switch.poles)
    steps = {}
    for said in options.tap:
        name, equals, step = said.rpartition("=")
        try:
            steps[_named(view.tap_changers, [name])[0]] = float(step)
        except ValueError as error:
            why = error if equals and name else "a tap changer, =, and a step were expected"
            raise ValueError(f"--tap {said}: {why}") from None
    return Given(poles=poles, steps=steps)


def _named(things: Sequence[Switch | Regulator | PhaseShifter], wanted: Sequence[str]) -> list[str]:
    """mRIDs by mRID or name."""
    found = []
    for one in wanted:
        meant = [t.mrid for t in things if t.mrid == one] or [
            t.mrid for t in things if t.name == one
        ]
        if len(meant) != 1:
            number = "nothing" if not meant else f"{len(meant)} things"
            raise ValueError(f"{one!r}: {number} of that mRID or name can be operated")
        found += meant
    return found
