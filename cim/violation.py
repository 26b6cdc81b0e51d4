"""What is wrong with a message, as values whose text is a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One broken rule.

    code:   reply code of `cim.reply_codes`, e.g. "1.8".
    rule:   the rule in words, naming object and field.
    line:   line in the bytes as received, from 1; None when it has no place.
    column: character in that line, from 1; None where nobody has counted (`cim.position` does).
    xpath:  where in the document, with the local names, e.g. "/EventMessage/Header/Verb".
    value:  the offending text, shortened.
    operation_id: of the operation in an operation set that broke it.
    """

    code: str
    rule: str
    line: int | None = None
    xpath: str | None = None
    value: str | None = None
    column: int | None = None
    operation_id: int | None = None

    def __str__(self) -> str:
        place = [f"line {self.line}"] if self.line is not None else []
        place += [f"column {self.column}"] if self.column is not None else []
        place += [self.xpath] if self.xpath else []
        return f"{', '.join(place)}: {self.rule}" if place else self.rule


class Refusal(ValueError):
    """Bytes that are no valid message; `violations` say why, the weightiest first."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations

    @classmethod
    def of(
        cls,
        code: str,
        rule: str,
        *,
        line: int | None = None,
        xpath: str | None = None,
        value: str | None = None,
        column: int | None = None,
    ) -> Self:
        one = Violation(code=code, rule=rule, line=line, xpath=xpath, value=value, column=column)
        return cls((one,))
