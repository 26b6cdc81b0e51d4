"""`gridbus model ...`: its commands and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cim.times import zoned
from hub.config import Config

Command = Callable[[Config, argparse.Namespace], int]
if TYPE_CHECKING:
    # argparse gives this type no public name.
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Add = Callable[[Commands, str, Command, str], argparse.ArgumentParser]

_WHAT = "file (xml, rdf, zip, gz), or version in the hub's journal: its id or mRID"


def register(commands: Commands, add: Add) -> None:
    """Add the group to the command line."""
    says = "network models: files, and the versions in the hub's journal"
    group = commands.add_parser("model", help=says, description=says).add_subparsers(
        required=True, metavar="COMMAND"
    )
    _moving(group, add)
    _comparing(group, add)
    _asking(group, add)


def _moving(group: Commands, add: Add) -> None:
    listed = add(group, "list", _later("model_files", "list_versions"), "versions in the journal")
    listed.add_argument("--mrid", help="only of this model")
    listed.add_argument("--in-force", action="store_true", help="only those in force now")
    _at(listed, "only those in force then")
    listed.add_argument("--limit", type=int, default=50)
    taken = add(group, "import", _later("model_files", "import_files"), "bring models into the hub")
    taken.add_argument("files", nargs="+", metavar="FILE", help="xml, rdf, zip or gz")
    taken.add_argument("--source", help="Header.Source; default: the user at the command line")
    taken.add_argument("--again", action="store_true", help="even if the same came before")
    taken.add_argument(
        "--strict", action="store_true", help="refuse a file in which `validate` finds errors"
    )
    out = add(group, "export", _later("model_files", "export"), "write models in canonical form")
    says = f"{_WHAT}; default: the models in force in the hub"
    out.add_argument("what", nargs="*", metavar="WHAT", help=says)
    out.add_argument(
        "--as-operated", action="store_true", help="with the positions of now in their place"
    )
    out.add_argument(
        "--state-variables", action="store_true", help="only these positions (IEC 61970-456)"
    )
    _at(out, "as the hub knew it then")
    _output(out, "one ending in .zip gets each model as a document of its own, .gz is compressed")
    _unchecked(out)


def _comparing(group: Commands, add: Add) -> None:
    diff = add(group, "diff", _later("model_compare", "diff"), "what is different")
    diff.add_argument("pair", nargs=2, metavar="WHAT", help=_WHAT)
    diff.add_argument("-o", "--output", metavar="FILE", help="write a dm:DifferenceModel; - stdout")
    _unchecked(diff)
    apply = add(group, "apply", _later("model_compare", "apply"), "apply differences to a model")
    apply.add_argument("base", metavar="WHAT", help=_WHAT)
    apply.add_argument("differences", nargs="+", metavar="DIFFERENCE", help="in their order")
    _output(apply)
    apply.add_argument("--reverse", action="store_true", help="take them back")
    _unchecked(apply)


def _asking(group: Commands, add: Add) -> None:
    check = add(group, "validate", _later("model_check", "check"), "hold against a vocabulary")
    _what(check)
    _vocabulary(check)
    check.add_argument("--strict", action="store_true", help="any finding fails, not only errors")
    check.add_argument("--most", type=int, default=10, help="findings of a kind that are spelled")
    shapes = add(group, "shacl", _later("model_check", "shapes"), "write a vocabulary as SHACL")
    _vocabulary(shapes)
    _output(shapes)
    _tracing(group, add)
    asked = add(group, "query", _later("model_check", "query"), "ask SPARQL, read-only")
    asked.add_argument("query", metavar="QUERY", help="SPARQL; @FILE reads a file, - reads stdin")
    _what(asked)
    asked.add_argument("--seconds", type=float, default=10.0, help="that the answer may take")
    asked.add_argument("--rows", type=int, default=10_000, help="of the answer at most")


def _tracing(group: Commands, add: Add) -> None:
    traced = add(group, "trace", _later("model_trace", "trace"), "what is fed from where")
    traced.usage = (
        "gridbus model trace [-h] [--json] [--normal] [--at TIME]"
        " [WHAT ...] up|down|between|state|loops|earths|isolate [OBJECT ...]"
    )
    traced.add_argument(
        "words",
        nargs="+",
        metavar="WORD",
        help=f"WHAT: {_WHAT}, default the network of the hub; then the question: up or down OBJECT"
        " (all that supplies it, or is supplied through it), between OBJECT OBJECT, state of"
        " objects or of everything, loops, earths that are live, isolate OBJECT ...; an object by"
        " mRID or name",
    )
    traced.add_argument("--normal", action="store_true", help="by the normal switch positions")
    _at(traced, "as the hub knew it then")


def _later(module: str, name: str) -> Command:
    """A command whose module is imported when it is called: they take a while."""

    def command(config: Config, options: argparse.Namespace) -> int:
        from importlib import import_module

        code: int = getattr(import_module(f"hub.cli.{module}"), name)(config, options)
        return code

    return command


def _what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="+", metavar="WHAT", help=_WHAT)


def _output(parser: argparse.ArgumentParser, more: str = "") -> None:
    says = "file to write; default: stdout" + (f"; {more}" if more else "")
    parser.add_argument("-o", "--output", metavar="FILE", default="-", help=says)


def _unchecked(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unchecked",
        action="store_true",
        help="apply a difference though it does not name the version it is applied to",
    )


def _vocabulary(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", help="of the CIM, instead of the one the model names")
    parser.add_argument(
        "--vocabulary",
        metavar="FILE",
        nargs="+",
        type=Path,
        default=[],
        help="RDFS or OWL files of a version of your own",
    )


def _at(parser: argparse.ArgumentParser, says: str) -> None:
    parser.add_argument("--at", type=moment, metavar="TIME", help=f"{says}; ISO 8601, default UTC")


def moment(text: str) -> datetime:
    """A time without offset is UTC.  Raises: ArgumentTypeError."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time, such as 2026-07-14T15:00"
        ) from error
    return zoned(read)
