"""`gridbus profiles ...`: the nouns, and where a utility's own XSD files differ from ours."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cim.profiles import NOUNS
from cim.schema.comparison import Difference, differences
from cim.schema.library import Library
from hub.cli import show
from hub.config import Config, ConfigError

if TYPE_CHECKING:
    from hub.cli.models import Add, Commands


@dataclass(frozen=True)
class Line:
    """One noun; `overridden`: the file that takes the place of our schema."""

    noun: str
    namespace: str
    standard: str
    overridden: str | None


def register(commands: Commands, add: Add) -> None:
    """Add the group to the command line."""
    says = "nouns, and where other schemas of them differ from ours"
    group = commands.add_parser("profiles", help=says, description=says).add_subparsers(
        required=True, metavar="COMMAND"
    )
    add(group, "list", list_nouns, "every noun, its namespace, and whose schema holds")
    diff = add(group, "diff", diff_nouns, "what differs between our schemas and others")
    diff.add_argument("noun", nargs="?", help="only of this noun")
    diff.add_argument(
        "--against", type=Path, metavar="FOLDER", help="XSD files; default: schemas.override"
    )


def list_nouns(config: Config, options: argparse.Namespace) -> int:
    """Every noun; `overridden` names the file of the utility that holds for it."""
    folder, wanted = config.schemas.override, config.schemas.namespaces
    library = None if folder is None else Library.read(folder)
    show.table(
        [_line(name, library, wanted.get(name)) for name in sorted(NOUNS)],
        ("noun", "namespace", "standard", "overridden"),
        as_json=options.json,
    )
    return 0


def diff_nouns(config: Config, options: argparse.Namespace) -> int:
    """1 when there are differences.  Raises: ConfigError, SchemaError."""
    folder = options.against or config.schemas.override
    if folder is None:
        raise ConfigError("profiles diff: --against FOLDER, or set schemas.override in hub.toml")
    library = Library.read(folder)
    for remark in library.remarks:
        show.say(remark)
    if options.noun is not None and options.noun not in library.nouns:
        known = ", ".join(sorted(library.nouns)) or "none"
        raise ValueError(f"{folder} declares no {options.noun}; of our nouns it declares {known}")
    nouns = [options.noun] if options.noun else sorted(library.nouns)
    found: list[Difference] = [one for noun in nouns for one in differences(noun, library)]
    if options.json:
        show.table(found, (), as_json=True)
    else:
        for one in found:
            print(one)
    return 1 if found else 0


def _line(name: str, library: Library | None, namespace: str | None) -> Line:
    noun = NOUNS[name]
    document = library.nouns.get(name) if library else None
    said = namespace or (document.namespace if document else noun.namespace)
    return Line(name, said, noun.standard, document.name if document else None)
