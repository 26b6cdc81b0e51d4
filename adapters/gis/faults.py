"""What is wrong with the rows of a file: all of it is told, up to a number of sentences."""

from __future__ import annotations

from cim.violation import Refusal, Violation

MOST = 100


class Faults:
    """Sentences gathered while a file is read."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.more = 0

    def say(self, sentence: str) -> None:
        if len(self.sentences) < MOST:
            self.sentences.append(sentence)
        else:
            self.more += 1

    def raise_if_any(self) -> None:
        """Raises: Refusal with a violation for each."""
        if not self.sentences:
            return
        said = [*self.sentences, *([f"And {self.more:,} more."] if self.more else [])]
        raise Refusal(tuple(Violation(code="1.8", rule=sentence) for sentence in said))
