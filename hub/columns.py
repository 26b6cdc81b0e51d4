"""Column types of every table of the hub, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    TypeDecorator,
)

from cim.times import zoned

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

Sequence = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """A UTC instant, also where it says no zone; SQLite keeps none, it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else zoned(value).astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Packed(TypeDecorator[bytes]):
    """Bytes that are kept compressed where there are many of them; nobody who reads sees it.

    What begins like packed bytes is packed too, however short: so the beginning tells for certain.
    """

    impl = LargeBinary
    cache_ok = True

    MARK = b"\0zlib\0"
    SMALLEST = 64 * 1024

    def process_bind_param(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        if value is None or (len(value) <= self.SMALLEST and not value.startswith(self.MARK)):
            return value
        return self.MARK + zlib.compress(value, level=1)  # level 6 saves a fifth, takes thrice

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        if value is None or not value.startswith(self.MARK):
            return value
        return zlib.decompress(memoryview(value)[len(self.MARK) :])
