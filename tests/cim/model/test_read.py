"""Files of documents: in any order, plain or packed; and what is hostile about them."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from cim.gate import MODEL
from cim.model import archive, scan
from cim.model import read as reading
from cim.model.difference import Difference
from cim.model.read import read, read_files
from cim.violation import Refusal
from tests.cim.model.shapes import CIM, HEAD

DM = "http://iec.ch/TC57/61970-552/DifferenceModel/1#"
DIFFERENCE = (
    f'{HEAD} xmlns:dm="{DM}"><dm:DifferenceModel rdf:about="urn:uuid:d">'
    '<dm:forwardDifferences rdf:parseType="Statements">'
    '<cim:X rdf:about="#_x"/></dm:forwardDifferences></dm:DifferenceModel></rdf:RDF>'
).encode()


def document(name: str = "x", count: int = 1) -> bytes:
    objects = "".join(
        f'<cim:X rdf:ID="_{name}{n}"><cim:X.a>{n % 100}</cim:X.a></cim:X>\n' for n in range(count)
    )
    return f"{HEAD}>{objects}</rdf:RDF>".encode()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in members:
            made.writestr(name, data)
    return out.getvalue()


def ids(found: reading.Files) -> list[list[str]]:
    return [list(model.ids) for model in found.models]


# -- what works


def test_files_of_every_kind_in_their_order(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.xml", tmp_path / "b.xml.gz"
    plain.write_bytes(document("a"))
    packed.write_bytes(gzip.compress(document("b")))
    several = zipped(("EQ.xml", document("c")), ("sub/SSH.rdf", document("d")), ("e/", b""))
    found = read_files([plain, str(packed), ("set.zip", several), ("f", DIFFERENCE)])
    assert ids(found) == [["#_a0"], ["#_b0"], ["#_c0"], ["#_d0"]]
    assert [one.name for one in found.documents] == [
        str(plain),
        str(packed),
        "set.zip/EQ.xml",
        "set.zip/sub/SSH.rdf",
        "f",
    ]
    assert isinstance(found.documents[-1].says, Difference)
    assert [len(one.forward) for one in found.differences] == [1]
    assert found.remarks == ()


def test_what_is_no_document_in_a_zip_is_told() -> None:
    data = zipped(
        ("__MACOSX/._a.xml", b"\0\5"),
        (".DS_Store", b"\0"),
        ("read\nme.txt", b"hello"),
        ("picture.png", b"\x89PNG"),
        ("model", b"\xef\xbb\xbf  <?xml version='1.0'?>"[:5] + document()),
    )
    found = read_files([("set.zip", data)])
    assert ids(found) == [["#_x0"]]
    assert found.remarks == (
        "set.zip: read?me.txt is no RDF/XML and was passed over.",
        "set.zip: picture.png is no RDF/XML and was passed over.",
    )


def test_a_large_file_is_read_by_the_fast_path_and_another_by_the_strict_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, odd = tmp_path / "a.xml", tmp_path / "b.xml"
    plain.write_bytes(document("a", 30_000))
    odd.write_bytes(document("b", 30_000).replace(b">7<", b"><![CDATA[7]]><"))
    assert plain.stat().st_size > reading.FAST
    fast, slow = read_files([plain, odd]).models
    assert fast.to_bytes() == read(plain.read_bytes()).to_bytes()
    assert slow.to_bytes() == read(odd.read_bytes()).to_bytes()
    monkeypatch.setattr(reading, "FAST", 1 << 60)
    assert [m.to_bytes() for m in read_files([plain, odd]).models] == [
        fast.to_bytes(),
        slow.to_bytes(),
    ]


def test_progress_is_told_of_what_is_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "a.xml"
    plain.write_bytes(document("a", 60_000))
    packed = zipped(("a.xml", document("b", 500)), ("b.xml", document("c", 500)))
    told: list[tuple[int, int]] = []
    read_files([plain], lambda *step: told.append(step))
    assert told == []
    monkeypatch.setattr(reading, "LARGE", 1000)
    files: Iterable[reading.File] = [plain, ("b.zip", packed), ("c.xml", document("d", 20))]
    read_files(files, lambda *step: told.append(step))
    total = plain.stat().st_size + len(packed) + len(document("d", 20))
    assert {of for _, of in told} == {total}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (total, total)
    assert len({done for done, _ in told if done < plain.stat().st_size}) >= 2
    assert any(plain.stat().st_size < done < total for done, _ in told)


# -- what is wrong with files


def refusal(*file: reading.File) -> str:
    with pytest.raises(Refusal) as refused:
        read_files(file)
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "f: There is no document"),
        (
            document()[:-1],
            "line 2, column 1: f: The document is not well-formed XML: unclosed token.",
        ),
        (
            document().replace(b"</cim:X.a>", b"</cim:X.b>"),
            "line 1, column 233: f: The document is not well-formed XML: mismatched tag.",
        ),
        (gzip.compress(document())[:-9], "f: The compressed payload is cut short"),
        (gzip.compress(document()) + b"\0", "f: The compressed payload is followed by other bytes"),
        (gzip.compress(document()) * 2, "f: The compressed payload is followed by other bytes"),
        (b"\x1f\x8b" + bytes(20), "f: The compressed payload is no gzip"),
        (gzip.compress(gzip.compress(document())), "f is packed once more"),
        (zipped(("a.zip", zipped(("b.xml", document())))), "f/a.zip is packed once more"),
        (zipped(("a.xml", gzip.compress(document()))), "f/a.xml is packed once more"),
        (zipped(("readme.txt", b"a")), "f: The zip holds no RDF/XML document"),
        (zipped(), "f: The zip holds no RDF/XML document"),
        (zipped(("a.xml", document()))[:-30], "f: The zip cannot be read"),
        (zipped(("a.xml", b"\0")), "f/a.xml: The document is not well-formed XML"),
        (zipped(("a.xml", DIFFERENCE.replace(b"urn:uuid:d", b"<"))), "f/a.xml: The document is"),
    ],
)
def test_the_file_and_the_fault_are_named(data: bytes, words: str) -> None:
    assert words in refusal(("f", data))


def test_a_member_that_is_not_what_its_checksum_says() -> None:
    data = zipped(("a.xml", document()), method=zipfile.ZIP_STORED)
    assert "The zip cannot be read: Bad CRC-32" in refusal(("f", data.replace(b">0<", b">1<")))


def test_an_encrypted_member() -> None:
    data = bytearray(zipped(("a.xml", document())))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.index(mark) + (6 if mark.endswith(b"\x04") else 8)
        data[at] |= 1
    assert "f: a.xml is encrypted" in refusal(("f", bytes(data)))


def test_names_of_members_lead_nowhere(tmp_path: Path) -> None:
    data = zipped(("../../a.xml", document("a")), ("/etc/b.xml", document("b")))
    assert ids(read_files([("f", data)])) == [["#_a0"], ["#_b0"]]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(document(count=100))
    monkeypatch.setattr(reading, "MODEL", replace(MODEL, bytes=1000))
    assert f"{path}: The file has more than 1000 bytes" in refusal(path)


def test_a_path_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_files([tmp_path / "none.xml"])


# -- hostile archives


def test_a_bomb_in_gzip() -> None:
    bomb = gzip.compress(HEAD.encode() + b">" + b" " * (300 << 20))
    assert "holds more than" in refusal(("f", bomb))


def test_a_bomb_in_a_zip() -> None:
    bomb = HEAD.encode() + b">" + b" " * (300 << 20)
    assert "f: The zip holds more than is accepted, up to a.xml" in refusal(
        ("f", zipped(("a.xml", bomb)))
    )


def test_many_members_that_are_a_bomb_together(monkeypatch: pytest.MonkeyPatch) -> None:
    big = document(count=30_000)
    data = zipped(*((f"{n}.xml", big) for n in range(3)))
    assert len(read_files([("f", data)]).models) == 3
    monkeypatch.setattr(archive, "TOTAL", 2 * len(big))
    assert "holds more than is accepted, up to 2.xml" in refusal(("f", data))


def test_members_that_share_their_bytes() -> None:
    """A zip whose directory names one compressed member ten thousand times (D. Fifield, 2019)."""
    member = zipped(("a.xml", document(count=20_000)))
    start, end = member.index(b"PK\x01\x02"), member.index(b"PK\x05\x06")
    count = 9_000
    directory = member[start:end] * count
    tail = bytearray(member[end:])
    tail[8:20] = struct.pack("<HHLL", count, count, len(directory), start)
    data = member[:start] + directory + bytes(tail)
    assert "f: The zip" in refusal(("f", data))


def test_a_zip_of_a_hundred_thousand_members() -> None:
    data = zipped(*((f"{n}.xml", b"") for n in range(100_000)), method=zipfile.ZIP_STORED)
    assert "f: The zip has more than 10,000 entries" in refusal(("f", data))


def test_a_member_that_says_it_is_small() -> None:
    data = bytearray(zipped(("a.xml", HEAD.encode() + b">" + b" " * (5 << 20))))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + at
        data[place : place + 4] = struct.pack("<L", 100)
    assert "f" in refusal(("f", bytes(data)))


# -- hostile documents, before all paths


def laughs() -> bytes:
    """A billion of them."""
    entities = ['<!ENTITY l0 "lol">']
    entities += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE r [{''.join(entities)}]>".encode() + holding('<cim:X rdf:about="&l9;"/>')


def holding(body: str, declared: str = "") -> bytes:
    return f"{HEAD}{declared}>{body}</rdf:RDF>".encode()


def numbered(form: str, count: int) -> str:
    return "".join(form.format(n) for n in range(count))


LONG = 2 << 20
DEEPER = '<cim:X rdf:about="x"><cim:a>'
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a DTD": ("1.8", lambda: b"<!DOCTYPE r []>" + holding("")),
    "a billion laughs": ("1.8", laughs),
    "an external entity": (
        "1.8",
        lambda: b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + holding("&x;"),
    ),
    "depth": ("3.1", lambda: HEAD.encode() + b">" + DEEPER.encode() * 100_000),
    "depth that ends": ("3.1", lambda: holding(DEEPER * 9_000 + "</cim:a></cim:X>" * 9_000)),
    "a huge value": ("3.1", lambda: holding(f'<cim:X rdf:about="{"x" * LONG}"/>')),
    "a huge name": ("3.1", lambda: holding(f'<cim:{"x" * LONG} rdf:about="x"/>')),
    "a huge comment": ("3.1", lambda: holding(f"<!--{'x' * LONG}-->")),
    "a huge text": (
        "3.1",
        lambda: holding(f'<cim:X rdf:about="x"><cim:a>{"x" * (33 << 20)}</cim:a></cim:X>'),
    ),
    "many attributes": ("3.1", lambda: holding("<cim:X" + numbered(' cim:a{}=""', 99_000) + "/>")),
    "many namespaces": ("3.1", lambda: holding("", numbered(" xmlns:a{}='u:'", 1000))),
    "spaces": ("1.8", lambda: b" " * 60_000 + b"<x" + b" " * LONG),
    "spaces in an instruction": ("1.8", lambda: b"<?iec61970-552" + b" " * LONG),
    "spaces in the root": ("1.8", lambda: HEAD.encode() + b" " * LONG),
    "comments": ("1.8", lambda: b"<!-- - -->" * 200_000),
    "cut off": ("1.8", lambda: document(count=40_000)[:-200]),
    "cut off in a character": ("1.8", lambda: document(count=40_000)[:-200] + b"\xc3"),
    "a zero": ("1.8", lambda: document(count=40_000).replace(b">99<", b">\x00<")),
    "only zeros": ("1.8", lambda: bytes(LONG)),
    "zeros behind": ("1.8", lambda: document(count=40_000) + b"\0"),
    "another encoding": ("1.8", lambda: document(count=40_000).replace(b">99<", b">\xe4<")),
    "an encoding that is none": (
        "1.8",
        lambda: b'<?xml version="1.0" encoding="ebcdic"?>' + document(count=40_000),
    ),
    "two documents": ("1.8", lambda: document(count=40_000) * 2),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_documents(what: str, tmp_path: Path) -> None:
    """As bytes and as a file they are refused with code and line."""
    code, make = HOSTILE[what]
    data = make()
    path = tmp_path / "f.xml"
    path.write_bytes(data)
    for file in (("f.xml", data), path):
        with pytest.raises(Refusal) as refused:
            read_files([file])
        [violation] = refused.value.violations
        assert violation.code == code
        assert violation.line is not None
        assert "f.xml: " in violation.rule


def test_other_encodings_are_read() -> None:
    text = document(count=30_000).decode().replace(">7<", ">ä<")
    for encoding in ("utf-16", "iso-8859-1"):
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}'
        model = read(declared.encode(encoding))
        assert "ä" in list(model.texts)
        assert len(model) == 60_000
    assert scan.scan(text.encode("utf-16")) is None


def test_crafted_hashes_are_nobodys_trouble() -> None:
    """Identities that differ in the highest bit of each eighth byte, which a weak hash would mix
    up, are read as quickly as others."""
    words = ["abcdefgÃ", "abcdefgC"]
    count = 1 << 14
    names = ("".join(words[n >> bit & 1] for bit in range(14)) for n in range(count))
    objects = "".join(f'<cim:X rdf:about="urn:{name}"/>' for name in names)
    data = f"{HEAD}>{objects}</rdf:RDF>".encode()
    model = scan.scan(data)
    assert model is not None
    assert len(model.ids) == count


def test_bytes_that_only_look_packed() -> None:
    assert "The zip cannot be read" in refusal(("f", b"PK\x03\x04" + bytes(100)))
    deflated = zlib.compress(document())
    assert "not well-formed" in refusal(("f", deflated))


def test_unknown_classes_and_attributes_are_kept() -> None:
    data = f'{HEAD}><own:Z rdf:about="#_z"><own:Z.y>5E9</own:Z.y></own:Z></rdf:RDF>'.encode()
    found = read_files([("f", data)]).models[0]
    assert {name for _, name, _, _ in found.statements()} >= {"http://example.org/own/Z.y"}
    assert CIM not in "".join(found.names)
