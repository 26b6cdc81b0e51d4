"""A form as it was filled in, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.console.identity import RefusedError

WRONG = 422
"""HTTP status of what is refused by a rule, and told on the page of the form."""


class WrongError(RefusedError):
    """Fields that break a rule; `wrong`: name of the field -> a sentence that names it."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(WRONG, " ".join(wrong.values()))
        self.wrong = wrong


@dataclass(frozen=True)
class Filled:
    """What became of a form.

    form:    which one of the page; empty for none.
    given:   field -> as it was typed: shown again where it was refused.
    wrong:   field -> the rule that it breaks.
    refused: why nothing was done; done: what was.
    """

    form: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    done: str = ""

    def refused_by(self, error: RefusedError, of: Mapping[str, str]) -> Filled:
        """The same, with what is wrong; `of`: words of the rule, by which its field is known."""
        wrong = error.wrong if isinstance(error, WrongError) else {}
        found = next((name for words, name in of.items() if words in error.why), "")
        return Filled(
            self.form, self.given, wrong or ({found: error.why} if found else {}), error.why
        )


NOTHING = Filled()
"""No form was sent."""
