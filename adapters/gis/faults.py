"""What is wrong with the rows of a file: all of it is told, up to a number of sentences."""

from __future__ import annotations

from cim.violation import Refusal, Violation

MOST = 100


def shown(sentence: str) -> str:
    """A sentence with words of the file in it, for terminals, logs and files of reasons."""
    return "".join(c if c.isprintable() else "?" for c in sentence)


class Faults:
    """Sentences gathered while a file is read."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.more = 0

    @property
    def enough(self) -> bool:
        """Whether a further one would only be counted: where it stands need not be looked for."""
        return len(self.sentences) >= MOST

    def say(self, sentence: str) -> None:
        if not self.enough:
            self.sentences.append(shown(sentence))
        else:
            self.more += 1

    def raise_if_any(self) -> None:
        """Raises: Refusal with a violation for each."""
        if not self.sentences:
            return
        said = [*self.sentences, *([f"And {self.more:,} more."] if self.more else [])]
        raise Refusal(tuple(Violation(code="1.8", rule=sentence) for sentence in said))
