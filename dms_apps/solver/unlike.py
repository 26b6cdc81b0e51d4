"""What an engine cannot represent, gathered object by object."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Unlike:
    """What an engine cannot stand for, by reason: how each is called."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def say(self, what: str, called: str) -> None:
        self.found.setdefault(what, []).append(called)

    def sentences(self) -> tuple[str, ...]:
        """One for each reason, with how many and the first of them."""
        return tuple(
            f"{what}: {', '.join(some[:5])}{f' and {len(some) - 5} more' * (len(some) > 5)}."
            for what, some in self.found.items()
        )
