"""Adapters and apps, found by entry point and set up from their configuration files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from hub.config import Config, ConfigError, build, read
from hub.interfaces import Adapter, App, Subscription

BUS = "rabbitmq"
"""The subscriber that puts every event on the topic exchange."""

Settings = Mapping[str, Mapping[str, Any]]
"""Component name -> settings that overrule its file."""


def adapters(
    names: Iterable[str], folder: Path, environ: Mapping[str, str], overruled: Settings
) -> dict[str, Adapter[Any]]:
    """The adapters called `names`.  Raises: ConfigError."""
    return {name: _component("adapters", name, folder, environ, overruled) for name in names}


def apps(
    names: Iterable[str], folder: Path, environ: Mapping[str, str], overruled: Settings
) -> dict[str, App]:
    """The apps called `names`.  Raises: ConfigError."""
    return {name: _component("apps", name, folder, environ, overruled) for name in names}


def subscriptions(config: Config, found: Mapping[str, App]) -> list[Subscription]:
    """Everybody who gets messages; each process that accepts must know them all."""
    everybody = [Subscription(name, app.topics, app.partitions) for name, app in found.items()]
    everybody += [Subscription(p.name, p.subscribed()) for p in config.partners]
    if config.rabbitmq.url:
        everybody.append(Subscription(BUS, frozenset()))
    return everybody


def _component(
    kind: str, name: str, folder: Path, environ: Mapping[str, str], overruled: Settings
) -> Any:
    path = folder / kind / f"{name}.toml"
    table = {**read(path, environ), **overruled.get(name, {})}
    return build(_point(kind, name, folder).load(), table, path)


def _point(kind: str, name: str, folder: Path) -> EntryPoint:
    known = entry_points(group=f"gridbus.{kind}")
    if name not in known.names:
        raise ConfigError(
            f"{folder / 'hub.toml'}: {kind} names {name!r}; installed are {', '.join(known.names)}"
        )
    return known[name]
