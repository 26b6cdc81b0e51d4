"""Adapters and apps, found by entry point and set up from their configuration files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
    config: Config, environ: Mapping[str, str], overruled: Settings | None = None
) -> dict[str, Adapter[Any]]:
    """The configured adapters; a folder they watch lies in the data folder unless it is absolute.

    Raises: ConfigError.
    """
    found = {
        name: _component("adapters", name, config.folder, environ, overruled or {})
        for name in config.adapters
    }
    return {name: _placed(adapter, config.data) for name, adapter in found.items()}


def apps(
    config: Config, environ: Mapping[str, str], overruled: Settings | None = None
) -> dict[str, App]:
    """The configured apps.  Raises: ConfigError."""
    return {
        name: _component("apps", name, config.folder, environ, overruled or {})
        for name in config.apps
    }


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


def _placed(adapter: Any, data: Path) -> Any:
    folder = getattr(adapter, "folder", None)
    return adapter if folder is None else replace(adapter, folder=data / folder)


def _point(kind: str, name: str, folder: Path) -> EntryPoint:
    known = entry_points(group=f"gridbus.{kind}")
    if name not in known.names:
        raise ConfigError(
            f"{folder / 'hub.toml'}: {kind} names {name!r}; installed are {', '.join(known.names)}"
        )
    return known[name]
