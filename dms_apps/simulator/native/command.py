"""`gridbus simulate-utility`: files of all systems of a demo utility."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from dms_apps.simulator.demo import SEED
from dms_apps.simulator.feeders import FEEDERS, cache_folder, feeder
from hub.cli import show
from hub.config import Config


def command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `simulate-utility` to the command line."""
    says = "files of all systems of a demo utility, in their own formats, and the settings for them"
    parser = commands.add_parser("simulate-utility", help=says, description=says)
    parser.set_defaults(command=simulate, json=False)
    parser.add_argument("out", type=Path, metavar="FOLDER")
    parser.add_argument("--feeder", choices=FEEDERS, default="ieee123")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--metered", type=int, default=1000, help="customers with readings")
    parser.add_argument("--at", type=datetime.fromisoformat, help="end of the day; else now")


def simulate(config: Config, options: argparse.Namespace) -> int:
    """Write them; the paths go to stdout."""
    # Here, because every `gridbus` command imports this module to know of this one.
    from dms_apps.simulator.native.day import Day
    from dms_apps.simulator.native.files import estate, write
    from dms_apps.simulator.utility import Utility

    at = (options.at or datetime.now(UTC)).astimezone(UTC)
    document = feeder(options.feeder, cache_folder(os.environ))
    utility = Utility.build(options.feeder, document, options.seed)
    for path in write(options.out, config.folder, estate(Day(utility, at, options.metered))):
        print(path)
    show.say(f"read by: gridbus --config {options.out / 'config'} --data {options.out} serve")
    return 0
