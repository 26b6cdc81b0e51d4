"""A TOML file as a dataclass.

A key nobody knows stops the start.  A secret is written as `${NAME}` and comes from the environment
that the caller hands in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

T = TypeVar("T")

Hertz = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""A frequency."""


class ConfigError(ValueError):
    """A setting that cannot be; the text names file, key and rule."""


def read(path: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """A TOML file with its `${NAME}` filled in; empty when there is none.  Raises: ConfigError."""
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    filled = _filled(table, environ, path)
    assert isinstance(filled, dict)  # noqa: S101 - a table stays a table
    return filled


def build(cls: type[T], table: Mapping[str, Any], path: Path) -> T:
    """An instance of the dataclass `cls` from one table.  Raises: ConfigError."""
    check_keys(cls, table, path)
    try:
        return TypeAdapter(cls).validate_python(dict(table))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        given = first["input"]
        value = "" if isinstance(given, Mapping) else f", is {given!r}"  # a table may hold a secret
        where = f"{path}: {key}" if key else f"{path}"
        rule = first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{where}: {rule}{value}") from error


def check_keys(cls: type[Any], table: Mapping[str, Any], path: Path, inside: str = "") -> None:
    """A key that `cls` does not have stops the start.  Raises: ConfigError."""
    known = {f.name for f in fields(cls)}
    if unknown := sorted(table.keys() - known):
        raise ConfigError(
            f"{path}: unknown {inside}{unknown[0]}; known: {', '.join(sorted(known))}"
        )


def _filled(value: Any, environ: Mapping[str, str], path: Path) -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, environ, path) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, environ, path) for v in value]
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda m: _secret(m[1], environ, path), value)
    return value


def _secret(name: str, environ: Mapping[str, str], path: Path) -> str:
    if name not in environ:
        raise ConfigError(f"{path}: ${{{name}}} is not set in the environment")
    return environ[name]
