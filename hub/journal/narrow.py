"""Many rows of few columns into a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, String, Table, TextClause, text
from sqlalchemy.dialects import postgresql


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of the same columns in one order, whose types the databases have without more ado.

    PostgreSQL gets columns, in one statement: rows would be one statement each.
    """
    names = tuple(rows[0])
    if connection.dialect.name != "postgresql":
        statement, values = _plain(table, names), [tuple(row.values()) for row in rows]
        connection.exec_driver_sql(statement, values)
        return
    columns = {name: [row[name] for row in rows] for name in names}
    connection.execute(_statement(table, names), columns)


@cache
def _plain(table: Table, names: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - names of ours


@cache
def _statement(table: Table, names: tuple[str, ...]) -> TextClause:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = {name: table.c[name].type for name in names}
    # A cast to VARCHAR(n) would cut what is too long, and say nothing.
    kinds = {n: "TEXT" if isinstance(t, String) else t.compile(dialect) for n, t in types.items()}
    lists = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in kinds.items())
    return text(
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({lists})"  # noqa: S608 - names of ours
    )
