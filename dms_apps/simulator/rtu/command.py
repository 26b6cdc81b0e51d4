"""`gridbus simulate-rtu SCRIPT`: the RTUs of a script, until told to stop.

Prints one JSON object when all listen (RTU -> address); then takes events as JSON objects, one a
line, on its standard input and answers each with one.  It ends with its input, or on a signal.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from hub.config import Config


def command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `simulate-rtu` to the command line."""
    says = (
        "RTUs on loopback ports, with values and faults by a script"
        " (Modbus TCP, IEC 60870-5-104, OPC UA)"
    )
    parser = commands.add_parser("simulate-rtu", help=says, description=says)
    parser.set_defaults(command=simulate, json=False)
    parser.add_argument("script", type=Path, metavar="SCRIPT")


def simulate(_config: Config, options: argparse.Namespace) -> int:
    """Run until the input ends."""
    run(options.script)
    return 0


def run(path: Path) -> None:
    """Raises: ConfigError for a script that cannot be; OSError for a port that is taken."""
    # Here, because every `gridbus` command imports this module to know of this one.
    from dms_apps.simulator.rtu.live import until_told
    from dms_apps.simulator.rtu.script import read

    asyncio.run(until_told(read(path)))


if __name__ == "__main__":
    run(Path(sys.argv[1]))
