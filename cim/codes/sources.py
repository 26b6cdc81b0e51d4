"""What the codes of one source stand for: vendors use their own, and the standard's otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cim.codes.meaning import Meaning, meanings
from cim.codes.shape import EVENT, numbers_of

ANY = "*"
"""The source that stands for every source without a table of its own that says otherwise."""

Table = Mapping[str, str]


@dataclass(frozen=True)
class Codes:
    """For each source (Header.Source, or the name of an adapter): its code -> what it stands for.

    It stands for a code of the standard, e.g. "17" = "3.26.0.85"; a code of four numbers may stand
    for a class of events instead, e.g. "3.26.0.47" = "voltage".

    Raises: ValueError, naming source, code and rule.
    """

    by_source: Mapping[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source, table in self.by_source.items():
            for code, stands_for in table.items():
                _check(source, code, stands_for)

    def standard(self, source: str | None, code: str) -> str:
        """The standard's code for `code` of `source`; `code` itself when nothing else is said."""
        said = self._said(source, code)
        return said if said is not None and numbers_of(said) else code

    def meaning(self, source: str | None, code: str) -> Meaning | None:
        """What the event `code` of `source` is about; None when nobody knows."""
        for one in (code, self.standard(source, code)):
            said = self._said(source, one)
            if said in set(Meaning):
                return Meaning(said)
        return meanings().get(self.standard(source, code))

    def of(self, source: str) -> dict[str, str]:
        """Everything said of the codes of `source`."""
        return {**self.by_source.get(ANY, {}), **self.by_source.get(source, {})}

    def native(self, source: str) -> dict[str, str]:
        """The codes of `source` that stand for codes of the standard."""
        return {code: said for code, said in self.of(source).items() if numbers_of(said)}

    def _said(self, source: str | None, code: str) -> str | None:
        own = self.by_source.get(source or ANY, {}).get(code)
        return own if own is not None else self.by_source.get(ANY, {}).get(code)


def _check(source: str, code: str, stands_for: str) -> None:
    if numbers_of(stands_for):
        return
    if stands_for not in set(Meaning):
        raise ValueError(
            f"codes.{source}: {code!r} stands for {stands_for!r}, which is neither a code such as"
            f" 3.26.0.85 nor one of {', '.join(Meaning)}"
        )
    if len(numbers_of(code)) != EVENT:
        raise ValueError(
            f"codes.{source}: {code!r} stands for {stands_for!r}: only a code of four numbers can;"
            " write the standard's code for it"
        )
