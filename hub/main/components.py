"""Adapters and apps, found by entry point and set up from their configuration files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.exc import ArgumentError

from cim.codes import Codes
from hub.config import Config, ConfigError, code_tables
from hub.dispatch import sending, usage_points
from hub.dispatch.usage_points import UsagePoints
from hub.dispatch.window import Window
from hub.file_adapter import FileAdapter
from hub.historian import app as stored
from hub.historian.app import Historian
from hub.historian.deadband import Deadbands
from hub.historian.sweep import Keep
from hub.interfaces import Adapter, App
from hub.main.apart import check_apart
from hub.main.names import EVERYTHING, check_names
from hub.message_channel import Subscription
from hub.settings import build, read

Settings = Mapping[str, Mapping[str, Any]]
"""Component name -> settings that overrule its file."""


def adapters(
    config: Config, environ: Mapping[str, str], overruled: Settings | None = None
) -> dict[str, Adapter[Any]]:
    """The configured adapters; a folder they watch lies in the data folder unless it is absolute.

    There may be several of a kind, each with a file of its own that says `kind`.

    Raises: ConfigError.
    """
    _check_feeds(config)
    known = codes(config, environ)
    found = {
        name: _component("adapters", name, config.folder, environ, overruled or {}, known)
        for name in config.adapters
    }
    placed = {name: _placed(adapter, config.data) for name, adapter in found.items()}
    check_apart(placed, config.folder)
    check_names(config, placed)
    return placed


def adapter(
    config: Config, environ: Mapping[str, str], name: str, mapping: Path | None = None
) -> Adapter[Any]:
    """One adapter that is installed, configured or not; it watches nothing.

    mapping: its settings file, in the place of the configured one.
    Raises: ConfigError.
    """
    if mapping is not None and not mapping.exists():
        raise ConfigError(f"{mapping}: there is no such file")
    path = mapping or config.folder / "adapters" / f"{name}.toml"
    known = codes(config, environ, {name: path})
    made: Adapter[Any] = _component("adapters", name, config.folder, environ, {}, known, path)
    return made


def apps(
    config: Config, environ: Mapping[str, str], overruled: Settings | None = None
) -> dict[str, App]:
    """The configured apps.  Raises: ConfigError."""
    known = codes(config, environ)
    made = {
        name: _component("apps", name, config.folder, environ, overruled or {}, known)
        for name in config.apps
    }
    return {name: _with_frequency(app, config.frequency) for name, app in made.items()}


def codes(
    config: Config, environ: Mapping[str, str], files: Mapping[str, Path] | None = None
) -> Codes:
    """What the codes of each source stand for: by `hub.toml`, and by an adapter's own file.

    files: of adapters whose own file is another one than the configured.
    Raises: ConfigError.
    """
    tables = {source: dict(table) for source, table in config.codes.items()}
    paths = {name: config.folder / "adapters" / f"{name}.toml" for name in config.adapters}
    for name, path in {**paths, **(files or {})}.items():
        own = read(path, environ).get("codes", {})
        known = tables.setdefault(name, {})
        if twice := sorted(own.keys() & known.keys()):
            raise ConfigError(f"{path}: codes.{twice[0]} is in hub.toml, too: codes.{name}")
        known.update(own)
        code_tables({name: known}, path)
    return Codes(tables)


def window(config: Config, name: str) -> Window:
    """What holds for the facts of an adapter."""
    feed = config.feed(name)
    return Window(
        late=feed.late,
        ahead=feed.ahead,
        setting=f"feeds.{name}.ahead",
        usual=feed.usual,
        keeps=feed.keeps,
    )


def windows(config: Config) -> dict[str, Window]:
    """The same of every configured adapter."""
    return {name: window(config, name) for name in config.adapters}


class EntryWay(Protocol):
    """Brings files into the folder of an adapter (`hub.entry`)."""

    @property
    def pause(self) -> float: ...

    def step(self) -> bool: ...


def entry_ways(config: Config, name: str, adapter: Adapter[Any]) -> list[EntryWay]:
    """By which files come to an adapter beside what is dropped.  Raises: ConfigError."""
    feed = config.feed(name)
    if feed.sftp is None and feed.database is None and feed.http is None:
        return []
    # Here, because what speaks SFTP takes a while to load and most hubs need none of it.
    from hub.entry import DatabasePoll, HttpPoll, SftpFetch

    where = f"{config.folder / 'hub.toml'}: feeds.{name}"
    if not isinstance(adapter, FileAdapter):
        raise ConfigError(f"{where}: the adapter {name} reads no files")
    found: list[EntryWay] = []
    try:
        if feed.sftp is not None:
            found.append(SftpFetch(feed.sftp, adapter.folder, adapter.max_bytes))
        if feed.database is not None:
            form = getattr(adapter, "delimiter", ","), getattr(adapter, "encoding", "utf-8")
            found.append(DatabasePoll(feed.database, adapter.folder, *form))
        if feed.http is not None:
            found.append(HttpPoll(feed.http, adapter.folder, adapter.max_bytes))
    except (ValueError, ArgumentError) as error:
        raise ConfigError(f"{where}: {error}") from None
    return found


def subscriptions(
    config: Config, found: Mapping[str, App], attached: Mapping[str, Adapter[Any]]
) -> list[Subscription]:
    """Everybody who gets messages; each process that accepts must know them all."""
    known = {**found, **own(config)}
    everybody = [sending.subscribed(name, app) for name, app in known.items()]
    written = (sending.subscription(name, adapter) for name, adapter in attached.items())
    everybody += [one for one in written if one is not None]
    everybody += [Subscription(p.name, p.subscribed(), answers=False) for p in config.partners]
    if config.rabbitmq.url:
        everybody.append(EVERYTHING)
    return everybody


def own(config: Config) -> dict[str, App]:
    """Parts of the hub in the shape of apps that take events; the historian when it is on."""
    given, found = config.historian, dict[str, App]({usage_points.NAME: UsagePoints()})
    if given.enabled:
        deadbands = Deadbands(given.deadband, timedelta(seconds=given.longest))
        found[stored.NAME] = Historian(Keep(given.readings, given.measurements), deadbands)
    return found


def _component(
    kind: str,
    name: str,
    folder: Path,
    environ: Mapping[str, str],
    overruled: Settings,
    known: Codes,
    file: Path | None = None,
) -> Any:
    path = file or folder / kind / f"{name}.toml"
    table = {**read(path, environ), **overruled.get(name, {})}
    if kind == "adapters":
        usual = folder / kind / f"{name}.toml"
        of = table.pop("kind", None) or read(usual, environ).get("kind")
        made = _point(kind, name, folder, of, path).load()
    else:
        made = _point(kind, name, folder).load()
        if "frequency" in table:
            raise ConfigError(f"{path}: frequency belongs into {folder / 'hub.toml'}, for all apps")
    if "codes" in {field.name for field in fields(made)}:
        if kind == "apps" and "codes" in table:
            raise ConfigError(f"{path}: codes belong into {folder / 'hub.toml'}: [codes.<source>]")
        native = {**known.native(name), **overruled.get(name, {}).get("codes", {})}
        table["codes"] = known if kind == "apps" else native
    return build(made, table, path)


def _with_frequency(app: Any, frequency: float | None) -> Any:
    """With that of the hub, where it computes with one: apps that differ would contradict."""
    has = "frequency" in {field.name for field in fields(app)}
    return replace(app, frequency=frequency) if has else app


def _check_feeds(config: Config) -> None:
    """Raises: ConfigError for what is said of the feed of an adapter that is not installed."""
    known = entry_points(group="gridbus.adapters").names | set(config.adapters)
    if unknown := sorted(config.feeds.keys() - known):
        raise ConfigError(
            f"{config.folder / 'hub.toml'}: feeds.{unknown[0]}: there is no adapter"
            f" {unknown[0]!r}; known are {', '.join(sorted(known))}"
        )


def _placed(adapter: Any, data: Path) -> Any:
    folder = getattr(adapter, "folder", None)
    return adapter if folder is None else replace(adapter, folder=data / folder)


def _point(
    group: str, name: str, folder: Path, kind: object = None, path: Path | None = None
) -> EntryPoint:
    """kind: as `path` says, of an adapter whose name is not that of its kind.

    Raises: ConfigError, when nothing of the kind is installed.
    """
    known = entry_points(group=f"gridbus.{group}")
    installed = f"installed are {', '.join(sorted(known.names))}"
    if kind is not None:
        if kind not in known.names:
            raise ConfigError(f"{path}: kind is {kind!r}; {installed}")
        return known[str(kind)]
    if name not in known.names:
        hint = f"; {path} may say which of these it is: kind" if path else ""
        raise ConfigError(f"{folder / 'hub.toml'}: {group} names {name!r}; {installed}{hint}")
    return known[name]
