"""What an analysis is of: a network from files, from versions in the journal, or from the hub."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from cim.network import Network
from dms_apps.solver.live import Live, Lives
from dms_apps.solver.what_if import WhatIf
from hub.cli import show
from hub.cli.model_trace import network_of
from hub.config import Config


def operated(config: Config, options: argparse.Namespace) -> Network:
    """The network; what does not fit into it is told.

    Raises: ValueError, when there is no model in it.
    """
    network = network_of(config, options)
    if options.normal:
        network = network.normal
    if not network.version:
        raise ValueError("there is no model of a network: name files, or a hub that has one")
    if not options.what:  # those of files are told where they are read
        for problem in network.problems:
            show.say(problem)
    return network


def live(
    config: Config,
    options: argparse.Namespace,
    *,
    assumed: bool = True,
    network: Network | None = None,
) -> Live:
    """The network, with what the command line says is otherwise, unless not `assumed`.

    network: that it is, where it is known.
    Raises: ValueError, when there is no model in it.
    """
    network = network or operated(config, options)
    now = options.at or datetime.now(UTC)
    inverters = dict(one.rpartition("=")[::2] for one in options.inverter)
    found = Lives(frequency(config, options), inverters=inverters).of(network, now)
    if not assumed:
        return found
    given = what_if(options).given(found.layout, found.given)
    return replace(found, given=given)


def frequency(config: Config, options: argparse.Namespace) -> float | None:
    """Hertz, as the command line says, or else as the hub is set; None: as the models say."""
    said: float | None = options.frequency
    return config.frequency if said is None else said


def band(options: argparse.Namespace) -> tuple[float, float]:
    """Per unit, of voltages for which no limit is stated.  Raises: ValueError, for none."""
    if not options.low < options.high:
        raise ValueError(f"--low {options.low:g} is not below --high {options.high:g}")
    return options.low, options.high


def what_if(options: argparse.Namespace) -> WhatIf:
    """What the command line says is otherwise.  Raises: ValueError."""
    return WhatIf(
        opened=options.open,
        closed=options.close,
        out=options.out,
        taps=dict(_numbers("--tap", options.tap)),
        loads=options.loads,
        feed={name: 1e3 * value for name, value in _numbers("--feed", options.feed)},
    )


def _numbers(option: str, said: Sequence[str]) -> Iterator[tuple[str, float]]:
    for one in said:
        name, _, number = one.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not name or value != value:
            raise ValueError(f"{option} {one}: a name, =, and a number were expected")
        yield name, value
