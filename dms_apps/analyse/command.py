"""`gridbus analyse`: its commands and their options."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from datetime import date, datetime
from importlib import import_module
from pathlib import Path

from hub.config import Config
from hub.report import Form

_WHAT = (
    "files (xml, rdf, zip, gz), or versions in the hub's journal; without any, the network of the "
    "hub as operated"
)
Commands = argparse._SubParsersAction  # the type that argparse gives no public name


def command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add `analyse` to the command line."""
    says = "load flow and other analyses, of files or of the hub's network"
    group = commands.add_parser("analyse", help=says, description=says)
    kinds = group.add_subparsers(required=True, metavar="ANALYSIS")
    load_flow(kinds)
    losses(kinds)
    reliability(kinds)
    short_circuit(kinds)
    state_estimation(kinds)
    what_if(kinds)
    contingencies(kinds)
    hosting(kinds)


def load_flow(kinds: Commands[argparse.ArgumentParser]) -> None:
    """Voltages, flows, losses, loading and violations."""
    one = analysis(kinds, "load-flow", "load_flow", "voltages, flows, losses, limits violated")
    _controls(one)
    _engine(one)
    _band(one)


def losses(kinds: Commands[argparse.ArgumentParser]) -> None:
    """Losses by device and phase; of transformers with and without load."""
    says = "losses by device and phase; of transformers with and without load"
    one = analysis(kinds, "losses", "losses", says)
    _controls(one)
    _engine(one)


def reliability(kinds: Commands[argparse.ArgumentParser]) -> None:
    """Indices of IEEE 1366, major event days, worst feeders, causes."""
    says = "indices of reliability (IEEE 1366), of interruptions in files or of the hub"
    one = kinds.add_parser("reliability", help=says, description=says)
    one.set_defaults(command=_later("reliability", "analyse"), json=False)
    one.add_argument(
        "events", nargs="*", type=Path, metavar="EVENTS",
        help="files; without any, what the hub has recorded.  A row for each interruption: start,"
        " end (empty: not over), point or customers, and kva, outage, device, feeder, region,"
        " cause, planned as far as they are known",
    )  # fmt: skip
    one.add_argument(
        "--served", metavar="N|FILE",
        help="with files: customers served, or a file: customers, and kva, feeder, region, and the"
        " day from which on they are so many",
    )  # fmt: skip
    one.add_argument(
        "--daily", type=Path, metavar="FILE",
        help="day, saidi (minutes): of years before, for major event days",
    )  # fmt: skip
    day = date.fromisoformat
    year = "the reporting year of the last interruption, or of the hub's today"
    one.add_argument(
        "--from", dest="from_", type=day, metavar="DAY", help=f"default: the first day of {year}"
    )
    one.add_argument(
        "--to", type=day, metavar="DAY", help="the last day; default: that of the year"
    )
    says = "until when what is not over has lasted; default: the last moment in the files, or now"
    one.add_argument("--at", type=datetime.fromisoformat, metavar="TIME", help=says)
    for name, choices, what in (
        ("--by", ("system", "region", "feeder", "cause", "device", "outage"), "a line for each"),
        ("--each", ("whole", "year", "month", "day"), "and for each time"),
        ("--days", ("all", "normal", "major"), "with, without, or only major event days"),
        ("--planned", ("all", "unplanned", "planned"), "which interruptions"),
    ):
        one.add_argument(name, choices=choices, default=choices[0], help=what)
    set_ = one.add_argument_group("conventions")
    set_.add_argument("--settings", type=Path, metavar="FILE", help="TOML: [reliability]")
    set_.add_argument("--uk", action="store_true", help="CI and CML, from three minutes on")
    set_.add_argument("--zone", help="of days, and of times without an offset; default: UTC")
    set_.add_argument("--sustained", type=_whole, metavar="SECONDS", help="default: 300")
    set_.add_argument("--beta", type=_positive, help="of major event days; default: 2.5")
    set_.add_argument("--years", type=_whole, help="that make their threshold; default: 5")
    set_.add_argument("--deviation", choices=["sample", "population"], help="default: sample")
    one.add_argument("--json", action="store_true", help="all of it, as JSON on stdout")
    one.add_argument("--csv", type=Path, metavar="FOLDER", help="each table as a CSV file")
    one.add_argument("--xlsx", type=Path, metavar="FILE", help="all tables as a workbook")
    one.add_argument("--pdf", type=Path, metavar="FILE", help="all of it, to print")
    for form in Form:
        one.add_argument(f"--{form}", type=Path, metavar="FOLDER", help="drawings")


def short_circuit(kinds: Commands[argparse.ArgumentParser]) -> None:
    """Fault levels, duty and reach of protective devices; or one fault."""
    says = "fault levels of all nodes, duty and reach of protective devices; or one fault"
    one = analysis(kinds, "short-circuit", "short_circuit", says)
    one.add_argument("--iec60909", action="store_true", help="by IEC 60909-0, and duty by that")
    one.add_argument(
        "--all-motors", action="store_true",
        help="count motors, too, that IEC 60909-0 has left out as small",
    )  # fmt: skip
    one.add_argument("--load-flow", action="store_true", help="faults begin from a load flow")
    for name, default, what in (
        ("--highest", 1.0, "factor on voltages before the highest faults"),
        ("--lowest", 1.0, "factor on voltages before the lowest faults"),
        ("--arc", 0.0, "ohm in each phase of the lowest faults, or of the one fault"),
        ("--ground", 0.0, "ohm from there to earth"),
        ("--inverters", 1.2, "their current in a fault over the rated one"),
        ("--seconds", 1.0, "of a short circuit, for heat"),
        ("--margin", 1.5, "how many times its setting a device should see"),
    ):
        says = f"{what}; default: {default:g}"
        one.add_argument(name, type=_not_negative, default=default, help=says)
    one.add_argument("--node", help="one fault there, by mRID or name: what feeds it")
    one.add_argument("--phases", default="ABC", help="of the one fault, e.g. AB; default: ABC")
    one.add_argument("--no-earth", action="store_true", help="earth is no part of the one fault")


def state_estimation(kinds: Commands[argparse.ArgumentParser]) -> None:
    """The most likely state by measured values and load models."""
    says = "the most likely state by measured values and load models; what of them is bad"
    one = analysis(kinds, "state-estimation", "state_estimation", says)
    one.add_argument(
        "--measured", type=Path, metavar="CSV",
        help="values: columns measurement, value, and of sensors that no model has at, quantity"
        " (V, A, W, VAr; of a switch Pos: 0 open, 1 closed; DPos: 1, 2), phases,"
        " error (per cent); without it,"
        " what the hub's network shows",
    )  # fmt: skip
    one.add_argument(
        "--method", choices=["squares", "huber", "absolute"], default="squares",
        help="least squares without bad values; Huber's; least absolute values",
    )  # fmt: skip
    one.add_argument(
        "--limit", type=_positive, default=4.0, help="deviations above which one is bad"
    )
    one.add_argument("--stale", type=_positive, default=30.0, help="minutes that a value counts")
    for name, default, what in (
        ("--volts", 0.005, "of measured voltages"),
        ("--amperes", 0.01, "of measured currents"),
        ("--power", 0.02, "of measured powers"),
        ("--load", 0.3, "of the loads of the models"),
    ):
        says = f"standard deviation {what}, a share; default: {default:g}"
        one.add_argument(name, type=_positive, default=default, help=says)


def what_if(kinds: Commands[argparse.ArgumentParser]) -> None:
    """The network as it is beside what it would be."""
    one = analysis(kinds, "what-if", "study", "the network beside what it would be", "compare")
    _controls(one)


def contingencies(kinds: Commands[argparse.ArgumentParser]) -> None:
    """N-1."""
    says = "each piece of equipment out of service, one at a time (N-1)"
    one = analysis(kinds, "n-1", "study", says, "fail")
    _controls(one)
    _band(one)
    one.add_argument(
        "--kind", action="append", choices=["line", "transformer", "switch", "source"],
        help="only equipment of this kind; may be repeated",
    )  # fmt: skip
    _spread(one)


def hosting(kinds: Commands[argparse.ArgumentParser]) -> None:
    """Hosting capacity."""
    says = "how much generation each load's connection takes before a limit is violated"
    one = analysis(kinds, "hosting-capacity", "study", says, "host")
    _controls(one)
    _band(one)
    one.add_argument("--load", action="append", metavar="LOAD", help="only there; may be repeated")
    one.add_argument("--most", type=_positive, default=10_000.0, help="kilowatts; default: 10,000")
    one.add_argument("--within", type=_positive, default=1.0, help="kilowatts; default: 1")
    _spread(one)


def _controls(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--controls", choices=["fixed", "local"], default="fixed",
        help="whether regulators and capacitors move by their own controls; default: fixed",
    )  # fmt: skip


def _engine(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--engine", choices=["opendss", "nodal"], default="opendss", help="default: opendss"
    )


def _band(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--low", type=_not_negative, default=0.95, help="per unit, where no limit is stated"
    )
    one.add_argument(
        "--high", type=_positive, default=1.05, help="per unit, where no limit is stated"
    )


def _spread(one: argparse.ArgumentParser) -> None:
    one.add_argument("--processes", type=_whole, help="default: as many as there are processors")
    one.add_argument("--cluster", default="", metavar="ADDRESS", help="of a Dask scheduler")


def analysis(
    kinds: Commands[argparse.ArgumentParser],
    name: str,
    module: str,
    says: str,
    function: str = "analyse",
) -> argparse.ArgumentParser:
    """One analysis with what all of them take; its module is loaded when it is asked for."""
    one = kinds.add_parser(name, help=says, description=says)
    one.set_defaults(command=_later(module, function), json=False)
    one.add_argument("what", nargs="*", metavar="MODEL", help=_WHAT)
    one.add_argument("--at", type=datetime.fromisoformat, help="the hub's network as known then")
    one.add_argument("--normal", action="store_true", help="by the normal switch positions")
    one.add_argument("--frequency", type=_positive, help="hertz; as hub.toml or the models say")
    if_ = one.add_argument_group("what if", "by mRID or name; each may be repeated")
    if_.add_argument("--open", action="append", default=[], metavar="SWITCH")
    if_.add_argument("--close", action="append", default=[], metavar="SWITCH")
    if_.add_argument("--out", action="append", default=[], metavar="EQUIPMENT")
    if_.add_argument("--tap", action="append", default=[], metavar="CHANGER=STEP")
    if_.add_argument(
        "--inverter", action="append", default=[], metavar="GENERATOR=CURVE",
        help="1547-A, 1547-B, 1547-B-volt-watt, volt-watt or unity; * for all inverters",
    )  # fmt: skip
    if_.add_argument("--loads", type=_not_negative, default=1.0, help="factor on all loads")
    if_.add_argument(
        "--feed", action="append", default=[], metavar="LOAD|GENERATOR=KW", help="fed in there"
    )
    one.add_argument("--json", action="store_true", help="all of it, as JSON on stdout")
    one.add_argument("--csv", type=Path, metavar="FOLDER", help="each table as a CSV file")
    for form in Form:
        one.add_argument(f"--{form}", type=Path, metavar="FOLDER", help="drawings, if it has any")
    return one


def _not_negative(text: str) -> float:
    """Raises: argparse.ArgumentTypeError, which names what was given."""
    number = _number(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0 up")
    return number


def _positive(text: str) -> float:
    """Raises: argparse.ArgumentTypeError, which names what was given."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return number


def _whole(text: str) -> int:
    """Raises: argparse.ArgumentTypeError, which names what was given."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _later(module: str, function: str) -> Callable[[Config, argparse.Namespace], int]:
    def run(config: Config, options: argparse.Namespace) -> int:
        found = import_module(f"dms_apps.analyse.{module}")
        code: int = getattr(found, function)(config, options)
        return code

    return run
