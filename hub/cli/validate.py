"""`gridbus validate FILE...`: what the front door would say to these bytes."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from cim import envelope
from cim.message import Fault
from cim.reply_codes import REPLY_CODES
from cim.violation import Refusal, Violation
from hub.cli import show
from hub.config import Config


@dataclass(frozen=True)
class Verdict:
    """One file; `violations` is empty when it is valid."""

    file: str
    message: str
    violations: tuple[Violation, ...]


def validate(_config: Config, options: argparse.Namespace) -> int:
    """1 when a file is invalid."""
    verdicts = [_verdict(path) for path in options.files]
    if options.json:
        show.table(verdicts, (), as_json=True)
    else:
        for verdict in verdicts:
            print(_text(verdict))
    return 1 if any(verdict.violations for verdict in verdicts) else 0


def _verdict(path: Path) -> Verdict:
    try:
        message = envelope.read(path.read_bytes())
    except Refusal as refusal:
        return Verdict(str(path), "", refusal.violations)
    if isinstance(message, Fault):
        return Verdict(str(path), "FaultMessage", ())
    header = message.header
    return Verdict(str(path), f"{message.kind} {header.verb} {header.noun}", ())


def _text(verdict: Verdict) -> str:
    if not verdict.violations:
        return f"{verdict.file}: valid, {verdict.message}"
    lines = (f"{verdict.file}: {v.code} {REPLY_CODES[v.code]}: {v}" for v in verdict.violations)
    return "\n".join(lines)
