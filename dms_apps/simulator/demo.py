"""`gridbus demo`: one story from a feeder file to a crew at an outage, through the front door."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from dms_apps.simulator.feeders import FEEDERS
from hub.config import Config

SEED = 61968


def command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `demo` to the command line."""
    says = "a demo utility on a published feeder, and a short storm"
    parser = commands.add_parser("demo", help=says, description=says)
    parser.set_defaults(command=demo, json=False)
    parser.add_argument("--feeder", choices=FEEDERS, default="ieee9500")
    parser.add_argument(
        "--once", action="store_true", help="stop after the story; 0 if all of it was seen"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--port", type=int, help="instead of the configured one")


def demo(config: Config, options: argparse.Namespace) -> int:
    """Run the story; 1 when a step was not seen."""
    # Here, because every `gridbus` command imports this module to know of this one.
    from dms_apps.simulator.story import Story, say
    from hub.main import until_told

    with ExitStack() as stack:
        data = config.data / "demo" / options.feeder
        if options.once:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridbus-demo-")))
        port = options.port or (0 if options.once else config.http.port)
        config = replace(config, data=data, http=replace(config.http, port=port))
        try:
            story = Story(config, options.feeder, options.seed, stack)
            story.tell()
        except TimeoutError as error:
            say(f"gridbus demo: {error}")
            return 1
        if not options.once:
            say("Ctrl-C stops it; started again it goes on where it was.")
            until_told()
    return 0
