"""A mapping of many keys of which a few change at a time, and that shares all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

_Value = TypeVar("_Value")


class Layers(Mapping[str, _Value]):
    """An immutable mapping; `plus` costs as much as is new, now and then what was new before too.

    Each layer is more than twice as large as the next one; what is in a later one counts.
    """

    __slots__ = ("_layers",)

    def __init__(self, *layers: Mapping[str, _Value]) -> None:
        self._layers = layers

    def plus(self, news: Mapping[str, _Value]) -> Layers[_Value]:
        """The same with `news` in it."""
        layers = [*self._layers, news]
        while len(layers) > 1 and len(layers[-2]) <= 2 * len(layers[-1]):
            later, earlier = layers.pop(), layers.pop()
            layers.append({**earlier, **later})
        return Layers(*layers)

    def __getitem__(self, wanted: str) -> _Value:
        for layer in reversed(self._layers):
            if wanted in layer:
                return layer[wanted]
        raise KeyError(wanted)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for layer in self._layers for key in layer))

    def __len__(self) -> int:
        return sum(1 for _ in self)
