"""`gridbus feed`: what a file of another system would become, before anything is accepted."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cim.message import Message
from cim.reply_codes import REPLY_CODES
from cim.violation import Refusal, Violation
from hub.cli import show
from hub.cli.feed_compare import changes
from hub.cli.journal import opened
from hub.cli.sources import library
from hub.config import Config
from hub.dispatch import Live
from hub.dispatch.checks import Checks
from hub.dispatch.decoded import Decoded
from hub.dispatch.translated import Held, Known, Said, Translation, Tried, Verdict, tried
from hub.dispatch.window import Lags, Window, judged
from hub.file_adapter import FileAdapter
from hub.folder import check_size
from hub.history.past import Past
from hub.interfaces import Adapter, Filed, Remarked
from hub.journal import feed_files, known, source_clocks

Command = Callable[[Config, argparse.Namespace], int]
Add = Callable[[Any, str, Command, str], argparse.ArgumentParser]

_MOST = 20  # records of one sort that are named; --json names all


Whole = Callable[[Message], None]


class _Hub(NamedTuple):
    """What the hub knows of a source.

    whole: refuses a snapshot that lacks too much of the model in force.
    """

    known: Known
    held: Held
    whole: Whole
    window: Window
    lags: Lags


@dataclass(frozen=True)
class Shown:
    """What one record would become, for people and programs.

    messages: what would be accepted, as XML.
    before:   of a duplicate, the record that has said the same; "the journal" when that has it.
    remarks:  what is odd in it, though it would be taken.
    changes:  what the models in it would change of those that the hub holds, when asked for.
    """

    file: str
    origin: str
    verdict: Verdict
    messages: tuple[str, ...] = ()
    before: str = ""
    violations: Sequence[Violation] = ()
    changes: tuple[str, ...] = ()
    remarks: Sequence[str] = ()


def register(commands: Any, add: Add) -> None:
    """`gridbus feed try`."""
    says = "files of other systems"
    group = commands.add_parser("feed", help=says, description=says).add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = add(group, "try", attempt, "what files would become; nothing is accepted")
    add(group, "list", feeds, "sources of files, and what became of their records")
    listed = add(group, "files", files, "the newest files, and what became of each")
    listed.add_argument("--source", help="only of this adapter")
    listed.add_argument("--before", type=int, help="number from which to go back")
    listed.add_argument("--limit", type=int, default=20)
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one.add_argument("--adapter", required=True, help="which adapter is to read them")
    one.add_argument("--mapping", type=Path, help="its settings (TOML), not the configured ones")
    one.add_argument(
        "--compare", action="store_true", help="what models would change of those the hub holds"
    )
    one.add_argument("--show", type=int, default=1, help="so many messages of each file in full")


def feeds(config: Config, options: argparse.Namespace) -> int:
    """The sources of files."""
    with opened(config) as journal, journal.reading() as connection:
        found = feed_files.feeds(connection)
    show.table(found, [f.name for f in fields(feed_files.Feed)], as_json=options.json)
    return 0


def files(config: Config, options: argparse.Namespace) -> int:
    """What became of each file."""
    with opened(config) as journal, journal.reading() as connection:
        found = feed_files.listed(connection, options.source, options.before, options.limit)
    columns = [f.name for f in fields(feed_files.FeedFile) if f.name not in ("digest", "done")]
    show.table(found, columns, as_json=options.json)
    return 0


def attempt(config: Config, options: argparse.Namespace) -> int:
    """1 when something would go to quarantine."""
    from hub.main import components
    from hub.main.schemas import install

    install(config)
    adapter = components.adapter(config, os.environ, options.adapter, options.mapping)
    if not isinstance(adapter, Filed):
        raise ValueError(f"the adapter {options.adapter} reads no files")
    window, lags = components.window(config, options.adapter), Lags()
    with (
        _journalled(config, options.adapter, window.keeps) as journalled,
        _past(config, options) as past,
    ):
        known = _Hub(*journalled, window, lags)
        found = [_file(path, options.adapter, adapter, known, past) for path in options.files]
    if why := judged(lags.seconds[-source_clocks.SEEN :], window.usual):
        show.say(f"{options.adapter}: {why}")
    if options.json:
        show.table([one for shown in found for one in shown], (), as_json=True)
    else:
        for path, shown in zip(options.files, found, strict=True):
            _print(path, shown, options.show)
    return int(any(one.verdict is Verdict.QUARANTINED for shown in found for one in shown))


@contextmanager
def _journalled(config: Config, source: str, keeps: float) -> Iterator[tuple[Known, Held, Whole]]:
    """Which facts of a source are in the journal of the hub, and what a snapshot must not lack;
    nothing where there is no hub."""
    if not config.database and not config.data.exists():
        yield (lambda _ids: ()), (lambda _one: None), (lambda _message: None)
        return
    with opened(config) as journal:

        def brought(said: Sequence[Said]) -> Collection[str]:
            states = {s.external_id: s.state_of for s in said if s.external_id is not None}
            with journal.reading() as connection:
                return {
                    fact
                    for fact in known.facts(connection, source, list(states))
                    if not (of := states[fact]) or not known.since(connection, source, fact, of)
                }

        def held(one: str) -> bytes | None:
            with journal.reading() as connection:
                return known.fact(connection, source, one)

        checks = Checks(Live(journal, Decoded()))
        yield brought, held, partial(checks.check_whole, keeps=keeps, source=source)


def _past(config: Config, options: argparse.Namespace) -> AbstractContextManager[Past | None]:
    """What models are compared with, where that is asked.  Raises: ValueError without a hub."""
    return library(config) if options.compare else nullcontext()


def _file(
    path: Path, name: str, adapter: Adapter[Any], hub: _Hub, past: Past | None
) -> list[Shown]:
    """All of a file; what is odd in the file itself is told of its first record."""
    shown = list(_shown(path, name, adapter, hub, past))
    remarks = tuple(_passed_over(path, adapter))
    if shown and remarks:
        shown[0] = replace(shown[0], remarks=(*remarks, *shown[0].remarks))
    return shown


def _passed_over(path: Path, adapter: Adapter[Any]) -> Iterator[str]:
    if isinstance(adapter, FileAdapter) and not path.name.lower().endswith(adapter.suffixes):
        ends = ", ".join(adapter.suffixes)
        yield f"{path.name} would be passed over in the watch folder: names there end in {ends}"


def _shown(
    path: Path, name: str, adapter: Adapter[Any], hub: _Hub, past: Past | None
) -> Iterator[Shown]:
    assert isinstance(adapter, Filed)  # noqa: S101 - asked before
    try:
        if isinstance(adapter, FileAdapter):
            check_size(path.name, path.stat().st_size, adapter.max_bytes)
        data = path.read_bytes()
        records = adapter.records(path.name, data)
    except ValueError as error:
        yield Shown(str(path), path.name, Verdict.QUARANTINED, violations=_said(error))
        return
    now = datetime.now(UTC)
    translation = Translation(name, adapter, now, window=hub.window, lags=hub.lags)
    found = tried(translation, records, hub.known, hub.held)
    for record, one in zip(records, found, strict=True):
        remarks = record.remarks if isinstance(record, Remarked) else ()
        if not getattr(record, "is_counted", False):
            one = _held_against(hub.whole, one)
        yield replace(_of(path, one, past), remarks=remarks)


def _held_against(whole: Whole, one: Tried) -> Tried:
    """The same, refused where it is a snapshot that lacks too much."""
    try:
        for said in one.messages:
            whole(said.message)
    except Refusal as refusal:
        return replace(one, verdict=Verdict.QUARANTINED, violations=refusal.violations)
    return one


def _of(path: Path, one: Tried, past: Past | None) -> Shown:
    before = one.before or ("the journal" if one.verdict is Verdict.DUPLICATE else "")
    messages = tuple(said.body.decode() for said in one.messages)
    said = tuple(changes(past, (said.message for said in one.messages))) if past else ()
    return Shown(str(path), one.origin, one.verdict, messages, before, one.violations, said)


def _said(error: ValueError) -> Sequence[Violation]:
    refusal = error if isinstance(error, Refusal) else Refusal.of("1.8", str(error))
    return refusal.violations


def _print(path: Path, shown: Sequence[Shown], most: int) -> None:
    counts = Counter(one.verdict for one in shown)
    said = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in Verdict if counts[verdict])
    print(f"{path}: {said or 'nothing in it'}")
    for verdict, sentences in (
        ("remark", [sentence for one in shown for sentence in one.remarks]),
        (Verdict.QUARANTINED, [line for one in shown for line in _why(one)]),
        (Verdict.DUPLICATE, [f"{one.origin}: as {one.before}" for one in shown if one.before]),
    ):
        for sentence in sentences[:_MOST]:
            print(f"  {verdict}  {sentence}")
        if len(sentences) > _MOST:
            print(f"  {verdict}  and {len(sentences) - _MOST:,} more; --json names all")
    for sentence in [line for one in shown for line in one.changes]:
        print(f"  {sentence}")
    for message in [text for one in shown for text in one.messages][:most]:
        print(message)


def _why(one: Shown) -> Iterator[str]:
    for violation in one.violations:
        code = f"{violation.code} {REPLY_CODES[violation.code]}"
        place = "" if one.origin in str(violation) else f"{one.origin}: "
        yield f"{place}{violation} ({code})"
