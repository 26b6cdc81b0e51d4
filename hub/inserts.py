"""Many rows into a table with one statement, however many they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub.columns import Moment

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_QUOTED = _DIALECT.identifier_preparer.quote

Rows = Sequence[Mapping[str, Any]]
"""Of the same columns: texts, numbers, booleans, moments, bytes, and JSON other than null."""


def insert_all(connection: sa.Connection, table: sa.Table, rows: Rows) -> None:
    """Add rows.  Raises: the database's error, when one of them is there or does not fit."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        connection.execute(_statement(table, names), {"rows": _text(table, rows)})
    elif plain := _plain(table, names):
        connection.exec_driver_sql(plain, [tuple(row[n] for n in names) for row in rows])
    else:
        connection.execute(sa.insert(table), rows)


def insert_new(
    connection: sa.Connection, table: sa.Table, rows: Rows, *returned: sa.Column[Any]
) -> Sequence[sa.Row[Any]]:
    """Add those of the rows that are not there; these columns of what was added."""
    if not rows:
        return []
    if connection.dialect.name == "postgresql":
        adding = _adding_new(table, tuple(rows[0]), returned)
        return connection.execute(adding, {"rows": _text(table, rows)}).all()
    return connection.execute(_new(table, returned), rows).all()


def put_all(connection: sa.Connection, table: sa.Table, rows: Rows) -> None:
    """Add rows, of all columns, each in place of what is there of its primary key; of two of one
    key the later one stays."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        keys = [column.name for column in table.primary_key]
        last = {tuple(row[key] for key in keys): row for row in rows}
        text = _text(table, [*last.values()])
        connection.execute(_putting(table, tuple(rows[0])), {"rows": text})
    else:
        connection.execute(_put(table), rows)


@cache
def _plain(table: sa.Table, names: tuple[str, ...]) -> str | None:
    """The statement, of columns whose types SQLite has without more ado."""
    if not all(isinstance(table.c[name].type, sa.String | sa.Integer) for name in names):
        return None
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - names of ours


@cache  # making a statement takes as long as carrying it out
def _new(table: sa.Table, returned: Sequence[sa.Column[Any]]) -> sa.Executable:
    return sqlite.insert(table).on_conflict_do_nothing().returning(*returned)


@cache
def _put(table: sa.Table) -> sa.Executable:
    adding = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    others = {c.name: adding.excluded[c.name] for c in table.c if c.name not in keys}
    return adding.on_conflict_do_update(index_elements=keys, set_=others)


@cache
def _statement(table: sa.Table, names: tuple[str, ...]) -> sa.TextClause:
    """PostgreSQL gets one document: rows would be one statement each, or a parameter each value."""
    columns = ", ".join(map(_QUOTED, names))
    kinds = ", ".join(f"{_QUOTED(name)} {_kind(table.c[name].type)}" for name in names)
    given = f"json_to_recordset(CAST(:rows AS JSON)) AS given({kinds})"
    return sa.text(f"INSERT INTO {table.name} ({columns}) SELECT * FROM {given}")  # noqa: S608 - names of ours


@cache
def _adding_new(
    table: sa.Table, names: tuple[str, ...], returned: Sequence[sa.Column[Any]]
) -> sa.Executable:
    back = ", ".join(_QUOTED(column.name) for column in returned)
    add = _statement(table, names).text
    return sa.text(f"{add} ON CONFLICT DO NOTHING RETURNING {back}").columns(*returned)


@cache
def _putting(table: sa.Table, names: tuple[str, ...]) -> sa.Executable:
    keys = [column.name for column in table.primary_key]
    others = ", ".join(f"{_QUOTED(n)} = excluded.{_QUOTED(n)}" for n in names if n not in keys)
    of = ", ".join(map(_QUOTED, keys))
    add = _statement(table, names).text
    return sa.text(f"{add} ON CONFLICT ({of}) DO UPDATE SET {others}")


def _kind(of: sa.types.TypeEngine[Any]) -> str:
    # As VARCHAR(n) it would be cut when it is too long, and nothing be said.
    return "TEXT" if isinstance(of, sa.String) else of.compile(_DIALECT)


def _text(table: sa.Table, rows: Rows) -> str:
    """The document; moments and bytes are in it as PostgreSQL reads them."""
    spoken = _spoken(table, tuple(rows[0]))
    if not spoken:
        return json.dumps(rows)
    said = []
    for row in rows:
        values = dict(row)
        for name, say in spoken:
            if (value := values[name]) is not None:
                values[name] = say(value)
        said.append(values)
    return json.dumps(said)


@cache
def _spoken(table: sa.Table, names: tuple[str, ...]) -> Sequence[tuple[str, Callable[[Any], str]]]:
    found: list[tuple[str, Callable[[Any], str]]] = []
    for name in names:
        kind = table.c[name].type
        if isinstance(kind, Moment):
            found.append((name, _moment))
        elif isinstance(kind, sa.LargeBinary):
            found.append((name, _bytes))
    return found


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def _bytes(value: bytes) -> str:
    return f"\\x{value.hex()}"
