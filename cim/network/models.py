"""The models in force: which there are, which replaced which, which could not be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property

from cim.model import Model, difference
from cim.model.difference import Difference
from cim.model.header import bare
from cim.model.identity import header_of
from cim.model.read import content
from cim.model.terms import key
from cim.network.extraction import extracted
from cim.network.statements import Statements
from cim.profiles.network_models import NetworkModel
from cim.violation import Refusal

Fetch = Callable[[str], Model]
"""mRID of a model in force -> the model.  Raises: KeyError."""


class Held:
    """One model in force, which may not be at hand.

    said: what it says about connectivity.
    """

    def __init__(
        self, mrid: str, said: Statements, model: Model | None = None, fetch: Fetch | None = None
    ) -> None:
        self.mrid = mrid
        self.said = said
        self._model = model
        self._fetch = fetch

    @cached_property
    def model(self) -> Model:
        """All that it says.  Raises: KeyError, when it cannot be had."""
        if self._model is not None:
            return self._model
        if self._fetch is None:
            raise KeyError(f"The model {self.mrid} is not at hand.")
        return self._fetch(self.mrid)


@dataclass(frozen=True, eq=False, repr=False)
class Models(Mapping[str, Model]):
    """Models by the key of their mRID, in order of arrival.

    held:    those in force.
    refused: why a document was left out, until it comes again and can be taken.
    """

    held: Mapping[str, Held] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, wanted: str) -> Model:
        return self.held[key_of(wanted)].model

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)

    def __contains__(self, wanted: object) -> bool:
        return isinstance(wanted, str) and key_of(wanted) in self.held

    @property
    def mrids(self) -> tuple[str, ...]:
        return tuple(held.mrid for held in self.held.values())

    def others(self, mrid: str) -> Iterator[Held]:
        """Those in force but this one."""
        return (held for of, held in self.held.items() if of != key_of(mrid))

    def plus(self, models: Iterable[NetworkModel]) -> Models:
        """These and `models`, each in place of its namesake and of those it supersedes.

        A difference is applied to the model that it supersedes.  What cannot be read or applied
        leaves everything as it was, but for the problem it is.
        """
        held, refused = dict(self.held), dict(self.refused)
        for one in models:
            of = key_of(one.mrid)
            try:
                model, gone = _taken(one, held)
            except (Refusal, KeyError) as error:
                refused.pop(of, None)
                why = str(error) if isinstance(error, Refusal) else error.args[0]
                refused[of] = f"Model {one.mrid} was left out: {why}"
                continue
            said = extracted(model)
            for old in (of, *gone):
                held.pop(old, None)
                refused.pop(old, None)
            held[of] = Held(one.mrid, said, model)
        return Models(held, refused)

    def refusing(self, wanted: Models, why: str) -> Models:
        """These still, and why what is new in `wanted` was left out."""
        new = (one for of, one in wanted.held.items() if self.held.get(of) is not one)
        left = {key_of(one.mrid): f"Model {one.mrid} was left out: {why}" for one in new}
        return Models(self.held, {**wanted.refused, **left})

    def minus(self, models: Iterable[NetworkModel]) -> Models:
        """These without `models`."""
        gone = {key_of(model.mrid) for model in models}
        return Models(
            {of: held for of, held in self.held.items() if of not in gone},
            {of: sentence for of, sentence in self.refused.items() if of not in gone},
        )


def key_of(mrid: str) -> str:
    """The key of a model, however its mRID is spelled."""
    return key(bare(mrid))


def _taken(one: NetworkModel, held: Mapping[str, Held]) -> tuple[Model, list[str]]:
    """The model that a message brings, and the keys of those it replaces.

    Raises: Refusal; KeyError with a sentence.
    """
    found = content(one.document)
    superseded = [key_of(mrid) for mrid in one.supersedes]
    if found.header is None or not found.header.is_difference:
        if not len(model := found.model()):
            raise KeyError("The document describes nothing.")
        return model, superseded
    return _applied(one, difference.of(found), held, superseded)


def _applied(
    one: NetworkModel, found: Difference, held: Mapping[str, Held], superseded: list[str]
) -> tuple[Model, list[str]]:
    """The model that comes of a difference."""
    said = found.header.supersedes if found.header else ()
    bases = [of for of in dict.fromkeys((*superseded, *map(key_of, said))) if of in held]
    itself = found.header and key_of(found.header.mrid)
    if not bases and itself == key_of(one.mrid) and itself in held:
        return held[key_of(one.mrid)].model, []  # it has come before
    bases = bases or _unnamed(held, {*superseded, *map(key_of, said)})
    if len(bases) != 1:
        named = ", ".join(said or one.supersedes) or "no model"
        how_many = "none of them is" if not bases else "more than one of them is"
        raise KeyError(f"It is a difference to {named}, but {how_many} in force.")
    base = held[bases[0]].model
    # a model without header is known by the mRID of its message alone, which has been compared
    return found.apply(base, supersedes=base.header is not None), bases


def _unnamed(held: Mapping[str, Held], wanted: Set[str]) -> list[str]:
    """Those without a header whose identity, as it follows from what they say, is wanted.

    So whoever compares two files calls the older one, without knowing what it is called here.
    """
    models = {of: one.model for of, one in held.items()} if wanted else {}
    return [
        of
        for of, model in models.items()
        if model.header is None and key_of(header_of(model).identity) in wanted
    ]
