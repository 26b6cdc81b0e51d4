"""Write a table: `python -m cim.vocabulary FILES... -o TABLE [--origin TEXT]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cim.vocabulary.sources import facts_of
from cim.vocabulary.table import write


def main(arguments: Sequence[str]) -> None:
    """Read schema files (RDFS or OWL) and write the table of their facts."""
    parser = argparse.ArgumentParser(prog="python -m cim.vocabulary", description=main.__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILES")
    parser.add_argument("-o", dest="table", type=Path, required=True, metavar="TABLE")
    parser.add_argument("--origin", default="", help="whose facts these are; the licence")
    given = parser.parse_args(arguments)
    facts = facts_of(given.files, given.table.stem, given.origin)
    given.table.write_bytes(write(facts))


if __name__ == "__main__":
    main(sys.argv[1:])
