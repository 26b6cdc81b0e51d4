"""`gridbus model list`, `import` and `export`: versions into the hub, and out of it."""

from __future__ import annotations

import argparse
import getpass
import gzip
import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from cim.model import Model, merged, write
from cim.model.read import read
from cim.vocabulary import ERROR, choose, validate
from hub import model_file
from hub.cli import show
from hub.cli.journal import opened
from hub.cli.model_compare import put_out
from hub.cli.model_trace import network_of
from hub.cli.progress import progress
from hub.cli.sources import library, models_of
from hub.config import Config
from hub.dispatch import Hub
from hub.dispatch.models import BROUGHT, bring
from hub.history import versions
from hub.history.operated import state_variables
from hub.history.past import NEWEST
from hub.history.versions import Version
from hub.model_file import ModelFile
from hub.security import audit


@dataclass(frozen=True)
class Line:
    """A version, as `list` shows it."""

    id: str
    mrid: str
    since: datetime
    until: datetime | None
    source: str
    version: str | None
    kind: str
    statements: int
    description: str | None

    @classmethod
    def of(cls, version: Version) -> Line:
        said = version.header
        return cls(
            version.id,
            version.mrid,
            version.since,
            version.ended,
            version.source,
            said.get("version"),
            "difference" if said.get("difference") else "full",
            version.statements,
            said.get("description"),
        )


def list_versions(config: Config, options: argparse.Namespace) -> int:
    """Versions in the journal, the newest first."""
    with library(config) as past, past.reading() as connection:
        at = past.seq_at(options.at) if options.at is not None else None
        if options.in_force and at is None:
            at = past.seq_at(NEWEST)
        found = versions.listed(connection, mrid=options.mrid, at=at, limit=options.limit)
    if options.json:
        show.table(found, (), as_json=True)
        return 0
    columns = ("id", "mrid", "since", "until", "source", "version", "kind", "statements")
    show.table([Line.of(version) for version in found], columns, as_json=False)
    return 0


@dataclass(frozen=True)
class Taken:
    """What became of one file; `message` is its place in the journal.

    left_out: of its models that are not in force, why.
    """

    file: str
    message: int
    models: tuple[str, ...]
    known: bool
    left_out: tuple[str, ...]


def import_files(config: Config, options: argparse.Namespace) -> int:
    """Bring models into the hub, as any other message; 1 when some were there already, or are not
    in force now.

    A file is acknowledged (named on stdout) when it is in the journal for good.
    """
    from hub.main import components

    source = options.source or f"{getpass.getuser()} at the command line"
    files = [_file(Path(name), options) for name in options.files]
    apps = components.apps(config, os.environ)
    adapters = components.adapters(config, os.environ)
    config.data.mkdir(parents=True, exist_ok=True)  # models may come before the first start
    with opened(config) as journal:
        journal.subscribe(*components.subscriptions(config, apps, adapters))
        hub = Hub(journal, {}, name=config.name, context=config.context)
        taken = [_taken(hub, file, source, again=options.again) for file in files]
    if options.json:
        show.table(taken, (), as_json=True)
    else:
        for one in taken:
            already = "was there already, as" if one.known else "is"
            print(f"{one.file} {already} message {one.message}: {', '.join(one.models)}")
            for sentence in one.left_out:
                show.say(f"{one.file}: {sentence}")
    return 1 if any(one.known or one.left_out for one in taken) else 0


def _file(path: Path, options: argparse.Namespace) -> ModelFile:
    """A file that has passed the gate and, where asked, the vocabulary.  Raises: ValueError."""
    data = path.read_bytes()
    with progress(path.name, len(data)):
        file = model_file.read(path.name, data)
    for model in file.models if options.strict else ():
        said = read(model.document, path.name)
        known = choose(said)
        errors = [f for f in validate(said, known) if f.severity == ERROR] if known else []
        if errors:
            raise ValueError(f"{path}: {errors[0]} ({len(errors)} errors; without --strict: taken)")
    return file


def _taken(hub: Hub, file: ModelFile, source: str, *, again: bool) -> Taken:
    brought = bring(hub, source, file, again)
    with hub.journal.transaction() as transaction:
        audit.record(
            transaction.connection,
            f"{getpass.getuser()} at the command line",
            BROUGHT,
            file.origin,
            audit.OK,
            {"message": brought.seq, "known": brought.known},
            transaction.now,
        )
    mrids = tuple(model.mrid for model in file.models)
    return Taken(file.origin, brought.seq, mrids, brought.known, brought.left_out)


def export(config: Config, options: argparse.Namespace) -> int:
    """Write models in canonical form; a zip gets each of them as a document of its own."""
    models = list(_exported(config, options))
    if not models:
        raise ValueError("there is no model in force")
    if options.output.lower().endswith(".zip"):
        put_out(options.output, _zipped(models))
        return 0
    if len(models) > 1:
        show.say(f"{len(models)} models are put together, without their headers")
    whole = models[0][1] if len(models) == 1 else merged([model for _, model in models])
    data = write.full(whole)
    if options.output.lower().endswith(".gz"):
        data = gzip.compress(data, mtime=0)
    put_out(options.output, data)
    return 0


def _exported(config: Config, options: argparse.Namespace) -> Iterator[tuple[str, Model]]:
    """Names and models: as given, as operated, or the state variables alone."""
    if options.what and not (options.as_operated or options.state_variables):
        yield from models_of(config, options.what, check=not options.unchecked)
        return
    network, at = network_of(config, options), options.at or datetime.now(UTC)
    if options.state_variables:
        state = state_variables(network, at, datetime.now(UTC))
        for problem in state.problems:
            show.say(problem)
        yield "state.xml", state
        return
    for mrid in network.version:
        operated = network.as_operated(mrid) if options.as_operated else network.model(mrid)
        for problem in operated.problems if options.as_operated else ():
            show.say(problem)
        yield f"{mrid}.xml", operated


def _zipped(models: Sequence[tuple[str, Model]]) -> bytes:
    """The same bytes for the same models."""
    packed = io.BytesIO()
    names: set[str] = set()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, model in models:
            entry = zipfile.ZipInfo(_free(PurePath(name).name, names), (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, write.full(model))
    return packed.getvalue()


def _free(name: str, names: set[str]) -> str:
    """`name`, or with a number when it is used already."""
    base = model_file.stem(name)
    numbers = ("", *(f"-{number}" for number in range(2, len(names) + 2)))
    found = next(f"{base}{n}.xml" for n in numbers if f"{base}{n}.xml" not in names)
    names.add(found)
    return found
