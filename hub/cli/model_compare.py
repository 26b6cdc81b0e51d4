"""`gridbus model diff` and `gridbus model apply`: what is different, and making it so."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cim.model import difference, write
from hub.cli import show
from hub.cli.sources import apply as put
from hub.cli.sources import given, model_of
from hub.config import Config
from hub.history.model_diff import told


def diff(config: Config, options: argparse.Namespace) -> int:
    """Compare two versions; 1 when they differ."""
    old, new = (model_of(config, [name], check=not options.unchecked) for name in options.pair)
    change = difference.between(old, new)
    said = told(change, old, new)
    if options.output:
        put_out(options.output, write.difference(change))
    if options.json:
        show.data(said, as_json=True)
    elif options.output != "-":
        for sentence in said.sentences():
            print(sentence)
    return 1 if change else 0


def apply(config: Config, options: argparse.Namespace) -> int:
    """Write what comes of a model and differences; 1 when one said what was so already."""
    models = [model_of(config, [options.base], check=not options.unchecked)]
    for one in given(config, options.differences):
        if one.difference is None:
            raise ValueError(f"{one.name} is a full model, where a difference is wanted")
        change = one.difference.invert() if options.reverse else one.difference
        put(models, one.name, change, check=not options.unchecked)
    [model] = models
    put_out(options.output, write.full(model))
    for problem in model.problems:
        show.say(problem)
    if options.json:
        written = {"statements": len(model), "problems": model.problems, "file": options.output}
        show.data(written, as_json=True)
    return 1 if model.problems else 0


def put_out(output: str, data: bytes) -> None:
    """Into a file, or to stdout for "-"."""
    if output == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        Path(output).write_bytes(data)
