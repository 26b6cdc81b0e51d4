"""The parts of a running hub and how they fare, for the console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hub.console import Component
from hub.dispatch.active import Active, Reading
from hub.file_adapter import FileAdapter
from hub.interfaces import Linked

_NAMED = 5  # files that are passed over

Failing = Callable[[], Mapping[str, BaseException]]
"""Activity, e.g. "gis: reading" or "relay mdm" -> its newest failure."""


class Parts:
    """Knows what was put together; asks `failing` how it fares."""

    def __init__(self) -> None:
        self._parts: list[Component] = []
        self._failing: list[Failing] = []

    def note(self, kind: str, names: Iterable[str]) -> None:
        """These parts are there."""
        self._parts += (Component(kind=kind, name=name, state="running") for name in names)

    def watch(self, failing: Failing) -> None:
        """Ask this one too."""
        self._failing.append(failing)

    def seen(self) -> tuple[Component, ...]:
        """Each part in its present state."""
        failures = {what: error for ask in self._failing for what, error in ask().items()}
        return tuple(_fares(part, failures) for part in self._parts)


def _fares(part: Component, failures: Mapping[str, BaseException]) -> Component:
    """A peer that is away makes a part wait; anything else is its own failure."""
    error = next((e for what, e in failures.items() if _is_of(what, part.name)), None)
    return fares(part.kind, part.name, error)


def fares(kind: str, name: str, error: BaseException | None) -> Component:
    """A part in the state that its newest failure says."""
    part = Component(kind=kind, name=name, state="running")
    if error is None:
        return part
    state = "waiting" if isinstance(error, ConnectionError | TimeoutError) else "failed"
    return replace(part, state=state, note=f"{type(error).__name__}: {error}")


def unreached(adapters: Mapping[str, Any]) -> Iterator[Component]:
    """The peers that adapters with links of their own do not reach."""
    for name, adapter in adapters.items():
        if isinstance(adapter, Linked):
            for peer, why in adapter.unreached().items():
                yield Component(kind="link", name=f"{name} {peer}", state="waiting", note=why)


def passed_over(adapters: Mapping[str, Any]) -> Iterator[Component]:
    """The watch folders in which files lie that nobody takes."""
    for name, adapter in adapters.items():
        if isinstance(adapter, FileAdapter) and (left := adapter.inbox.passed_over):
            more = f" and {len(left) - _NAMED:,} more" if len(left) > _NAMED else ""
            note = f"{len(left):,} ignored: {', '.join(left[:_NAMED])}{more}"
            yield Component(kind="folder", name=name, state="waiting", note=note)


def standing(parts: Iterable[Component], reading: Mapping[str, Reading]) -> Iterator[Component]:
    """The parts; those that wait for a front end elsewhere to end say so, and the active ones."""
    for part in parts:
        front = reading.get(part.name) if part.kind == "adapter" else None
        if isinstance(front, Active) and part.state == "running":
            state = part.state if front.turn.sure() else "waiting"
            part = replace(part, state=state, note=str(front))
        yield part


def _is_of(what: str, name: str) -> bool:
    return what == name or what.startswith((f"{name}:", f"{name}-")) or what.endswith(f" {name}")
