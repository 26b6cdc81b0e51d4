"""What the model commands are given: files, or versions in the journal of the hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cim.model import Model, merged
from cim.model.difference import Difference
from cim.model.header import same
from cim.model.identity import header_of
from cim.model.read import read_files
from cim.violation import Refusal
from hub.cli import show
from hub.cli.journal import opened
from hub.cli.progress import progress
from hub.config import Config
from hub.dispatch import Live
from hub.dispatch.decoded import Decoded
from hub.dispatch.recorder import Recorder
from hub.history.past import Past
from hub.history.versions import Version
from hub.journal import Journal


@dataclass(frozen=True)
class Given:
    """One document: a full model or a difference, and what it is called."""

    name: str
    model: Model | None = None
    difference: Difference | None = None


@contextmanager
def library(config: Config) -> Iterator[Past]:
    """The history of the hub in `config.data`, up to date.

    Where no hub runs, what it has not recorded yet is recorded first.
    """
    if not config.database and not config.data.exists():
        raise ValueError(
            f"there is no hub in {config.data.absolute()}: `gridbus serve` starts one,"
            " --data names another folder"
        )
    with opened(config) as journal:
        live = Live(journal, Decoded())
        _record(journal, live)
        yield Past(journal, now=lambda: live.at)


def _record(journal: Journal, live: Live) -> None:
    recorder = Recorder(journal, live)
    if recorder.holds():
        live.catch_up()
        recorder.step()
    recorder.stop()


def given(config: Config, names: Sequence[str]) -> list[Given]:
    """The documents that `names` stand for, in their order.

    Raises: ValueError for a name of nothing; Refusal for a file that cannot be read; OSError.
    """
    found: list[Given] = []
    for name in names:
        path = Path(name)
        found += _in_file(path) if path.exists() else [_in_journal(config, name)]
    return found


def model_of(config: Config, names: Sequence[str], *, check: bool = True) -> Model:
    """The one model that `names` stand for: all of `models_of` put together.  Raises: as that."""
    return together([model for _, model in models_of(config, names, check=check)])


def together(models: Sequence[Model]) -> Model:
    """Models as one: a single one keeps its header, those of several are gone."""
    return models[0] if len(models) == 1 else merged(models)


def models_of(
    config: Config, names: Sequence[str], *, check: bool = True
) -> list[tuple[str, Model]]:
    """The full models that `names` stand for, differences applied to them; each with its name.

    check: whether a difference must name in Supersedes what it is applied to; where neither has a
           header that says so there is nothing to check but the statements.
    Raises: as `given`; ValueError, when a difference cannot be applied.
    """
    documents = given(config, names)
    named = [(one.name, one.model) for one in documents if one.model is not None]
    models = [model for _, model in named]
    for one in documents:
        if one.difference is not None:
            apply(models, one.name, one.difference, check=check)
    return [(name, model) for (name, _), model in zip(named, models, strict=True)]


def apply(models: list[Model], name: str, change: Difference, *, check: bool = True) -> None:
    """Put what comes of a difference in the place of the model that it is for.

    Raises: ValueError, when none of `models` is that; Refusal, when it does not fit.
    """
    place = _base(models, change)
    if place is None:
        raise ValueError(f"{name} is a difference, and the model it supersedes is not given")
    base = models[place]
    tells = bool(change.header and change.header.supersedes)
    try:
        made = change.apply(base, supersedes=check and (tells or base.header is not None))
        # What speaks of no version does not make one.
        models[place] = made if tells else replace(made, header=base.header)
    except Refusal as refusal:
        sentences = "\n".join(violation.rule for violation in refusal.violations)
        raise ValueError(f"{name}: {sentences}") from None


def _base(models: Sequence[Model], change: Difference) -> int | None:
    """The model that is superseded, or the only one there is."""
    wanted = change.header.supersedes if change.header else ()
    for place, model in enumerate(models):
        if model.header and any(same(model.header.identity, one) for one in wanted):
            return place
    return 0 if len(models) == 1 else None


def _in_file(path: Path) -> Iterator[Given]:
    """What a file holds; what in it was passed over is said."""
    try:
        with progress(path.name, path.stat().st_size) as tell:
            found = read_files([path], lambda done, _: tell(done))
    except Refusal as refusal:
        raise ValueError(str(refusal)) from None
    for remark in found.remarks:
        show.say(remark)
    for name, says in found.documents:
        if isinstance(says, Model):
            # Most distribution models come without: what follows from one wants a name for it.
            yield Given(name, model=replace(says, header=header_of(says)))
        else:
            yield Given(name, difference=says)


def version_in_journal(config: Config, name: str) -> tuple[Version, Model]:
    """A version of the hub's, by its id or mRID, and what it says.  Raises: ValueError."""
    try:
        with library(config) as past:
            version = past.version(name)
            return version, past.model(version)
    except (KeyError, ValueError) as error:
        raise ValueError(f"there is no file {name}; {error.args[0]}") from None


def _in_journal(config: Config, name: str) -> Given:
    version, model = version_in_journal(config, name)
    return Given(f"version {version.id}", model=model)
