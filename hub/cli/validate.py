"""`gridbus validate FILE...`: what the front door would say to these bytes."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cim import override
from cim.dialect import STRICT, Correction, Dialect, read
from cim.message import Fault
from cim.reply_codes import REPLY_CODES
from cim.violation import Refusal, Violation
from hub.cli import show
from hub.config import Config


@dataclass(frozen=True)
class Verdict:
    """One file; `violations` is empty when it is valid, as it is or with its corrections."""

    file: str
    message: str
    violations: tuple[Violation, ...]
    corrections: tuple[Correction, ...] = ()


def validate(config: Config, options: argparse.Namespace) -> int:
    """1 when a file is invalid."""
    from hub.main.schemas import install

    install(config)
    dialect = STRICT if options.strict else config.spoken().of(options.system or "*")
    verdicts = [_verdict(path, dialect) for path in options.files]
    override.clear()
    if options.json:
        show.table(verdicts, (), as_json=True)
    else:
        for verdict in verdicts:
            print(_text(verdict))
    return 1 if any(verdict.violations for verdict in verdicts) else 0


def _verdict(path: Path, dialect: Dialect) -> Verdict:
    try:
        message, corrections = read(path.read_bytes(), dialect)
    except Refusal as refusal:
        return Verdict(str(path), "", refusal.violations)
    if isinstance(message, Fault):
        return Verdict(str(path), "FaultMessage", (), corrections)
    header = message.header
    said = f"{message.kind} {header.verb} {header.noun}"
    return Verdict(str(path), said, (), corrections)


def _text(verdict: Verdict) -> str:
    if verdict.violations:
        lines = [f"{v.code} {REPLY_CODES[v.code]}: {v}" for v in verdict.violations]
    else:
        lines = [f"valid, {verdict.message}", *_corrected(verdict.corrections)]
    return "\n".join(f"{verdict.file}: {line}" for line in lines)


def _corrected(corrections: Iterable[Correction]) -> Iterator[str]:
    for one in corrections:
        for note in one.notes:
            place = f"line {note.line}, {note.xpath}"
            yield f"{one.tolerance}: {place}: {note.before!r} became {note.after!r}"
        if one.times > len(one.notes):
            yield f"{one.tolerance}: {one.times - len(one.notes)} times more"
