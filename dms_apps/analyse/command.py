"""`gridbus analyse`: its commands and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path

from hub.config import Config

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


def load_flow(kinds: Commands[argparse.ArgumentParser]) -> None:
    """Voltages, flows, losses, loading and violations."""
    one = analysis(kinds, "load-flow", "load_flow", "voltages, flows, losses, limits violated")
    one.add_argument(
        "--controls", choices=["fixed", "local"], default="fixed",
        help="whether regulators and capacitors move by their own controls; default: fixed",
    )  # fmt: skip
    one.add_argument(
        "--engine", choices=["opendss", "nodal"], default="opendss", help="default: opendss"
    )
    one.add_argument("--low", type=float, default=0.95, help="per unit, where no limit is stated")
    one.add_argument("--high", type=float, default=1.05, help="per unit, where no limit is stated")


def analysis(
    kinds: Commands[argparse.ArgumentParser], name: str, module: str, says: str
) -> argparse.ArgumentParser:
    """One analysis with what all of them take; its module is loaded when it is asked for."""
    one = kinds.add_parser(name, help=says, description=says)
    one.set_defaults(command=_later(module), json=False)
    one.add_argument("what", nargs="*", metavar="MODEL", help=_WHAT)
    one.add_argument("--at", type=datetime.fromisoformat, help="the hub's network as known then")
    one.add_argument("--normal", action="store_true", help="by the normal switch positions")
    one.add_argument("--frequency", type=float, help="hertz, for lines described by wires")
    one.add_argument("--open", action="append", default=[], metavar="SWITCH", help="what if ...")
    one.add_argument("--close", action="append", default=[], metavar="SWITCH", help="what if ...")
    one.add_argument("--tap", action="append", default=[], metavar="CHANGER=STEP",
                     help="what if a tap changer stood there")  # fmt: skip
    one.add_argument("--json", action="store_true", help="all of it, as JSON on stdout")
    one.add_argument("--csv", type=Path, metavar="FOLDER", help="each table as a CSV file")
    return one


def _later(module: str) -> Callable[[Config, argparse.Namespace], int]:
    def run(config: Config, options: argparse.Namespace) -> int:
        found = import_module(f"dms_apps.analyse.{module}")
        code: int = found.analyse(config, options)
        return code

    return run
