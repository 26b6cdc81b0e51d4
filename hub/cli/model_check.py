"""`gridbus model validate`, `shacl` and `query`: questions to what a model says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cim.model import sparql
from cim.violation import Refusal
from cim.vocabulary import (
    ERROR,
    Finding,
    Vocabulary,
    choose,
    from_rdfs,
    names,
    shacl,
    validate,
    vocabulary,
)
from hub.cli import show
from hub.cli.model_compare import put_out
from hub.cli.sources import model_of, models_of, together
from hub.config import Config

_OWN = "own"  # what a vocabulary of the user's own files is called


def check(config: Config, options: argparse.Namespace) -> int:
    """Hold a model against a vocabulary; 1 for errors, with --strict for any finding."""
    models = [model for _, model in models_of(config, options.what, check=False)]
    profiles = sorted({iri for one in models if one.header for iri in one.header.profiles})
    model = together(models)
    known = _asked(options) or choose(model, profiles, known=_own(options.vocabulary))
    if known is None:
        named = f"only profiles nobody knows ({', '.join(profiles)})" if profiles else "no profile"
        raise ValueError(
            f"the model names {named} and is in no namespace of a known version: say --version"
            f" ({', '.join(names())}) or --vocabulary FILE"
        )
    findings = [*_odd(model.problems), *validate(model, known, options.most)]
    if options.json:
        show.data({"vocabulary": known.name, "findings": findings}, as_json=True)
    else:
        for finding in findings:
            print(f"{finding.severity}: {finding}")
        show.say(f"{len(findings)} findings by {known.name}")
    fails = findings if options.strict else [f for f in findings if f.severity == ERROR]
    return 1 if fails else 0


def shapes(_config: Config, options: argparse.Namespace) -> int:
    """Write a vocabulary as SHACL."""
    known = _asked(options)
    if known is None:
        raise ValueError(f"say --version ({', '.join(names())}) or --vocabulary FILE")
    put_out(options.output, shacl(known))
    return 0


def query(config: Config, options: argparse.Namespace) -> int:
    """Ask SPARQL; 1 when ASK is answered with no."""
    text = _query(options.query)
    model = model_of(config, options.what, check=False)
    bounds = sparql.Bounds(seconds=options.seconds, rows=options.rows)
    try:
        answer = sparql.query(model, text, bounds)
    except Refusal as refusal:
        raise ValueError(str(refusal)) from None
    if options.json:
        show.data(answer.as_json(), as_json=True)
    else:
        _print(answer)
    if answer.cut:
        show.say(f"There is more: the answer was cut after {_cut(answer, bounds)}.")
    return 1 if answer.verdict is False else 0


def _cut(answer: sparql.Answer, bounds: sparql.Bounds) -> str:
    """Which bound it was: rows, or their size."""
    count = len(answer.rows or answer.triples or ())
    if count >= bounds.rows:
        return f"{bounds.rows} rows (--rows)"
    return f"{count} rows: they may have {bounds.bytes:,} bytes, whatever --rows says"


def _print(answer: sparql.Answer) -> None:
    if answer.verdict is not None:
        print("yes" if answer.verdict else "no")
    elif answer.triples is not None:
        print(answer.as_json()["ntriples"], end="")
    else:
        rows = [{name: cell["value"] for name, cell in row.items()} for row in answer.rows or ()]
        show.table(rows, answer.variables, as_json=False)


def _query(said: str) -> str:
    if said == "-":
        return sys.stdin.read()
    return Path(said[1:]).read_text(encoding="utf-8") if said.startswith("@") else said


def _asked(options: argparse.Namespace) -> Vocabulary | None:
    if options.version:
        try:
            return vocabulary(options.version)
        except KeyError as error:
            raise ValueError(error.args[0]) from None
    return next(iter(_own(options.vocabulary)), None)


def _own(files: Sequence[Path]) -> list[Vocabulary]:
    return [from_rdfs(files, _OWN)] if files else []


def _odd(problems: Sequence[str]) -> list[Finding]:
    """What was odd already while reading."""
    return [
        Finding(
            rule="document", severity="warning", subject="", property="", value="", text=problem
        )
        for problem in problems
    ]
