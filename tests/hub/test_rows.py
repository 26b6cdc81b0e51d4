"""Rows of delimited text: what a quotation mark too many, or a wrong header, does to a file."""

from __future__ import annotations

import re

import pytest

from hub.rows import Dialect, Row, rows

HEAD = "meter,time,point,code,name,id\n"


MAPPED = Dialect(columns={"meter": "METER", "name": "LABEL"})


def read(text: str) -> list[Row]:
    return rows("a.csv", (HEAD + text).encode(), Dialect(), ("meter", "time"))


def said(found: list[Row]) -> list[str]:
    """The meter of each row, or why it has none."""
    told = []
    for row in found:
        try:
            told.append(row["meter"])
        except ValueError as error:
            told.append(str(error))
    return told


def test_a_quotation_mark_too_many_takes_no_row_with_it() -> None:
    text = '"M-10,T,,3.26,a,\nM-11,T,,3.26,a,\nM-12",T,,3.26,a,\nM-13,T,,3.26,a,\n'
    found = read(text)
    assert said(found) == [
        "a.csv line 2: a quotation mark opens in this row and closes in line 4, in another one",
        "M-11",
        "a.csv line 4: a quotation mark closes here that opens in line 2, in another row",
        "M-13",
    ]
    assert b"".join(row.raw for row in found) == text.encode()


@pytest.mark.parametrize(
    "text",
    [
        'M-10,T,,3.26,a,"x\nM-11,T,,3.26,a,y"\n',  # the mark opens the last field
        'M-10,T,,3.26,"a,\nM-11,T,,3.26,"\n',  # a row too short
        'M-10,"T,\nM-11",T,3.26,a,\n',  # a column without which a row says nothing
        'M-10,T,p,"c,a,\nM-11,""T"",,3.26,a,\nM-12,T,,3.26",a,\n',
    ],
)
def test_rows_that_a_mark_holds_together_are_apart(text: str) -> None:
    found = read(text)
    assert len(found) == text.count("\n")
    assert "quotation mark opens" in said(found)[0]
    assert b"".join(row.raw for row in found) == text.encode()


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ('M-10,T,,3.26,"by hand,\r\n\r\nsee, book",7\r\n', "name", "by hand,\r\n\r\nsee, book"),
        ('M-10,T,,3.26,a,"one, two\nthree"\n', "id", "one, two\nthree"),
        ('M-10,T,"Main St 5\nYard",3.26,"a ""b""\nc",7\n', "point", "Main St 5\nYard"),
    ],
)
def test_free_text_may_have_several_lines(text: str, column: str, value: str) -> None:
    [row] = read(text)
    assert row[column] == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'M-1,T,,c,a,\nM-2,T,,c,"a,\nM-3,T,,c,a,\n',
            "a.csv line 3: a quotation mark opens in this row that is not closed",
        ),
        (
            'M-1,T,,c,"a,\nM-2,T,,c,"a",\n',
            "a.csv line 2: a quotation mark opens in this row that is not closed as far as line 3",
        ),
    ],
)
def test_a_mark_that_is_not_closed_is_told_by_its_line(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        read(text)


def test_a_trailer_counts_rows_that_a_mark_held_together() -> None:
    data = (HEAD + '"M-1,T,,c,a,\nM-2",T,,c,a,\nEND,2\n').encode()
    assert len(rows("a.csv", data, Dialect(trailer="END"), ("meter", "time"))) == 2


def test_a_column_that_the_mapping_names_must_be_there() -> None:
    sentence = "a.csv: the mapping names the column LABEL for name; the file has METER, time, name"
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        rows("a.csv", b"METER,time,name\n", MAPPED, ("meter",), ("time", "name"))
    [row] = rows("a.csv", b"METER,LABEL\nM-1,x\n", MAPPED, ("meter",), ("time", "name"))
    assert row["name"] == "x"
    assert row["time"] == ""


def test_another_delimiter_is_suggested() -> None:
    with pytest.raises(ValueError, match=r"there are meter;time; is the delimiter ';'\?$"):
        rows("a.csv", b"meter;time\nM-1;T\n", Dialect(), ("meter",))


def test_a_column_may_be_left_alone() -> None:
    dialect = Dialect(columns={"name": ""})
    [row] = rows("a.csv", b"meter,name,\nM-1,x,y\n", dialect, ("meter",), ("name",))
    assert row["name"] == ""
    assert not row.has("name")


def test_a_column_that_is_read_must_not_come_twice() -> None:
    with pytest.raises(ValueError, match=r"^a.csv: the column time comes twice; which one is"):
        rows("a.csv", b"meter,time,time\n", Dialect(), ("meter",), ("time",))
    assert rows("a.csv", b"meter,other,other\n", Dialect(), ("meter",), ("time",)) == []
