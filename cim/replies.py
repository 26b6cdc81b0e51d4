"""The Reply part of an answer: done, acknowledged, refused (IEC 61968-100, ReplyType)."""

from __future__ import annotations

from collections.abc import Iterable

from cim.message import Error, Level, Reply, Result
from cim.reply_codes import REPLY_CODES
from cim.violation import Violation

NO_ERRORS, ACKNOWLEDGED = "0.0", "0.3"
MOST_ERRORS = 20


def done(details: str = "") -> Reply:
    """It was done; `details` says upon what assumptions, say."""
    return _said(NO_ERRORS, details)


def acknowledged() -> Reply:
    """It was taken for good; the reply itself, if there is one, comes later."""
    return _said(ACKNOWLEDGED)


def partial(code: str, details: str) -> Reply:
    """A part of the answer; `code` says whether there is more."""
    said = Error(code=code, level=Level.INFORM, reason=REPLY_CODES[code], details=details)
    return Reply(result=Result.PARTIAL, errors=(said,))


def failed(violations: Iterable[Violation]) -> Reply:
    """A reply that names every violation, the first twenty at most, and of every operation one."""
    found = tuple(violations)
    told = [v for n, v in enumerate(found) if n < MOST_ERRORS or v.operation_id is not None]
    return Reply(result=Result.FAILED, errors=tuple(map(error, told)))


def in_part(violations: Iterable[Violation]) -> Reply:
    """The rest was done; every violation is told."""
    return Reply(result=Result.PARTIAL, errors=tuple(map(error, violations)))


def error(violation: Violation) -> Error:
    """One broken rule as a reply tells it."""
    return Error(
        code=violation.code,
        level=Level.FATAL,
        reason=REPLY_CODES.get(violation.code, "Other"),
        details=str(violation),
        operation_id=violation.operation_id,
    )


def _said(code: str, details: str = "") -> Reply:
    said = Error(code=code, level=Level.INFORM, reason=REPLY_CODES[code], details=details or None)
    return Reply(result=Result.OK, errors=(said,))
