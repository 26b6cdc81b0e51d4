"""Measure: `python -m benchmarks [name ...] [--json FILE] [--feeder FILE] [--points N]`."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks import RUNS, Row
from benchmarks.facts import facts

_HEAD = f"""
Medians of {RUNS} runs or more (least..most); beside each its floor or peer, by turns."""
NAMES = (
    "codec",
    "embedded",
    "feeds",
    "files",
    "historian",
    "scada",
    "iec104",
    "soap",
    "rabbitmq",
    "memory",
    "models",
    "network",
    "load_flow",
    "allocation",
    "updates",
    "opening",
    "customers",
    "layers",
    "short_circuit",
    "scenarios",
    "state_estimation",
    "faults",
    "reliability",
    "outage",
)


def main() -> int:
    asked = _asked()
    logging.basicConfig(level=logging.ERROR)  # a measurement that fails says why
    about = facts()
    for name, value in about.items():
        print(f"{name:12} {value}")
    print(_HEAD, flush=True)
    rows: list[Row] = []
    begin = time.monotonic()
    for name in asked.names or NAMES:
        rows += _measured(name, asked)
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    if asked.json:
        table = {"facts": about, "rows": [asdict(row) for row in rows]}
        asked.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there, too")
    parser.add_argument("--feeder", type=Path, metavar="FILE", help="CIM file for `memory`")
    parser.add_argument("--points", type=int, metavar="N", help="usage points for `outage`")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - set(NAMES)):
        parser.error(f"there is no measurement {unknown[0]!r}; there are {', '.join(NAMES)}")
    return asked


def _measured(name: str, asked: argparse.Namespace) -> list[Row]:
    # Imported when asked for: other processes of a measurement import this module again.
    measurement = importlib.import_module(f"benchmarks.{name}")
    sizes = {"memory": (asked.feeder,), "outage": (asked.points,)}
    rows: list[Row] = measurement.rows(*sizes.get(name, ()))
    for row in rows:
        print(row.line(), flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
