"""Write NEM12 files (AEMO, Meter Data File Format), as `adapters.ami.mdff` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from adapters.ami.mdff import writing
from adapters.ami.mdff.days import Channel, Day, IndexRead
from adapters.ami.mdff.fields import Quality


def write(days: Iterable[Day], made: datetime, sender: str = "", receiver: str = "") -> bytes:
    """The file; days of one channel that follow one another share a 200 row.

    made: in the time of the market, as all other times.
    Raises: ValueError, when a text cannot stand in such a file.
    """
    rows = [writing.header("NEM12", made, sender, receiver)]
    for channel, its in groupby(days, key=lambda one: one.channel):
        rows.append(_channel(channel))
        for one in its:
            rows += _day(one)
    rows.append(["900"])
    return writing.written(rows)


def _channel(channel: Channel) -> list[str]:
    return [
        *("200", channel.nmi, channel.configuration, channel.register, channel.suffix),
        *(channel.stream, channel.meter, channel.unit, str(channel.minutes)),
        writing.day(channel.next_read),
    ]


def _day(one: Day) -> Iterator[list[str]]:
    ranges = list(_ranges(one.qualities))
    of_day = ranges[0][2] if len(ranges) == 1 else Quality("V")
    times = (writing.moment(one.updated), writing.moment(one.loaded))
    yield ["300", writing.day(one.date), *one.values, *writing.judged(of_day), *times]
    if len(ranges) > 1:
        for first, last, quality in ranges:
            yield ["400", str(first), str(last), *writing.judged(quality)]
    yield from map(_index_read, one.index_reads)


def _ranges(qualities: Sequence[Quality]) -> Iterator[tuple[int, int, Quality]]:
    """First and last interval of each run of one quality, from 1."""
    first = 1
    for quality, run in groupby(qualities):
        last = first + len(list(run)) - 1
        yield first, last, quality
        first = last + 1


def _index_read(read: IndexRead) -> list[str]:
    return ["500", read.transaction, read.order, writing.moment(read.when), read.value]


def write_rows(rows: Iterable[Mapping[str, str]], made: str) -> bytes:
    """The file, of actual values; a row is one channel on one day.

    rows: nmi, meter, suffix, unit, date (ISO 8601), and values with blanks between them.
    made: ISO 8601, in the time of the market.
    """
    return write([_of(row) for row in rows], datetime.fromisoformat(made))


def _of(row: Mapping[str, str]) -> Day:
    values = tuple(row["values"].split())
    channel = Channel(
        nmi=row["nmi"],
        suffix=row["suffix"],
        meter=row["meter"],
        unit=row["unit"],
        minutes=24 * 60 // len(values),
    )
    return Day(
        channel=channel,
        date=date.fromisoformat(row["date"]),
        values=values,
        qualities=(Quality("A"),) * len(values),
    )
