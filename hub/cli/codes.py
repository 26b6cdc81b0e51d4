"""`gridbus codes ...`: what the codes of IEC 61968-9 say, and what a source's own stand for."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from typing import Any

from cim.codes import KINDS, Codes, explain, listed
from hub.cli import show
from hub.config import Config


def register(commands: Any, add: Any) -> None:
    """The commands under `gridbus codes`."""
    group = commands.add_parser("codes", help="codes of events, readings and replies")
    group = group.add_subparsers(required=True, metavar="COMMAND")
    one = add(group, "explain", explain_code, "what a code says")
    one.add_argument("code", help="e.g. 3.26.0.85; 18 numbers, 4, 3 or 2, or a source's own")
    every = add(group, "list", list_codes, "the codes of one kind")
    every.add_argument("kind", choices=KINDS)
    for command in (one, every):
        command.add_argument("--source", help="as this source or adapter uses them")


def explain_code(config: Config, options: argparse.Namespace) -> int:
    """1 when the tables do not hold it.  Raises: ValueError for what is no code; ConfigError."""
    found = explain(options.code, _codes(config), options.source)
    if options.json:
        show.data(found, as_json=True)
    else:
        told = f"{found.native} of {options.source} is {found.code}" if found.native else found.code
        print(f"{told}, {found.kind}: {found.says}")
        if found.meaning is not None:
            print(f"meaning: {found.meaning}")
        print()
        parts = [replace(part, says=part.says or "unknown") for part in found.parts]
        show.table(parts, ("name", "number", "says"), as_json=False)
    return 0 if found.known else 1


def list_codes(config: Config, options: argparse.Namespace) -> int:
    """A line a code."""
    found = listed(options.kind, _codes(config), options.source)
    columns = ["code", "says"]
    columns += [c for c in ("meaning", "field", "native") if any(getattr(f, c) for f in found)]
    show.table(found, columns, as_json=options.json)
    return 0


def _codes(config: Config) -> Codes:
    # Only here: it brings the whole hub with it.
    from hub.main import components

    return components.codes(config, os.environ)
