"""Who gets messages has a name of its own: by it is known what waits for whom, and who was told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from hub.config import Config, ConfigError
from hub.dispatch import asked, operated, sending, sets, usage_points
from hub.historian import app as historian
from hub.journal.addresses import LANES
from hub.message_channel import Subscription

BUS = "rabbitmq"
"""The subscriber that puts every event on the topic exchange."""

EVERYTHING = Subscription(BUS, frozenset(), studies=True)
"""Every event; those of studies go to an exchange of their own, to who binds a queue to it."""

_OWN = (BUS, asked.NAME, historian.NAME, operated.NAME, sets.NAME, usage_points.NAME, *LANES)
_CALLBACK = "callback-"  # so begin the names of those that have subscribed themselves


class _Named(NamedTuple):
    name: str
    place: str


def check_names(config: Config, adapters: Mapping[str, Any]) -> None:
    """Apps and adapters are sources of messages, too; a partner may be called as an adapter that
    only reads, for it is the same system then.

    Raises: ConfigError, naming both places.
    """
    own = [_Named(name, "a part of the hub itself") for name in _OWN]
    own += _places("apps", config.apps)
    known = list(_places("adapters", config.adapters))
    told = [one for one in known if sending.subscription(one.name, adapters[one.name])]
    partners = list(_places("partners", (partner.name for partner in config.partners)))
    for named in ([*own, *known], [*own, *told, *partners]):
        _check(named, str(config.folder / "hub.toml"))


def _places(key: str, names: Iterable[str]) -> Iterator[_Named]:
    return (_Named(name, f"{key}[{number}]") for number, name in enumerate(names))


def _check(named: Iterable[_Named], file: str) -> None:
    taken: dict[str, str] = {}
    for name, place in named:
        other = taken.setdefault(name, place)
        if name.startswith(_CALLBACK):
            place, other = "each subscription over REST", place
        if other != place:
            raise ConfigError(
                f"{file}: {other} and {place} are both called {name!r}: what waits for one would go"
                " to the other; give each a name of its own"
            )
