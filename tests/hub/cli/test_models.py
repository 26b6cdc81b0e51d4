"""`gridbus model ...` over files and over versions: what is printed, written, and the exit code."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from cim.model import write
from cim.model.header import Said
from cim.model.identity import header_of
from cim.model.read import read
from tests.hub.cli.conftest import Run
from tests.hub.cli.models import WRONG, document, drawing

MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"


def canonical(path: Path, before: Path | None = None) -> bytes:
    """Under its own header, or under one made from what it says (superseding `before`)."""
    model = read(path.read_bytes())
    header = header_of(model)
    if before is not None and model.header is None:
        older = header_of(read(before.read_bytes())).identity
        header = header.with_said(Said(f"{MD}Model.Supersedes", older, is_link=True))
    return write.full(model, header)


def test_diff_says_what_is_different(run: Run, files: Path) -> None:
    code, out, err = run("model", "diff", files / "old.xml", files / "new.xml")
    assert (code, err) == (1, "")
    first, *rest = out.splitlines()
    assert first.endswith("2 objects new, 2 gone, 1 value changed.")
    assert "EnergyConsumer load name (load) is gone." in rest
    assert "EnergyConsumer late name (late) is new." in rest
    assert "Switch.open of Breaker x name (x): false -> true." in rest
    assert run("model", "diff", files / "old.xml", files / "old.xml") == (
        0,
        "They say the same.\n",
        "",
    )


def test_diff_as_json(run: Run, files: Path) -> None:
    code, out, _ = run("model", "diff", "--json", files / "one.xml", files / "two.xml")
    assert code == 1
    said = json.loads(out)
    assert (said["reverse"], said["forward"], said["added"]) == (1, 1, [])
    assert said["changed"] == [
        {
            "object": {"kind": "Breaker", "mrid": "x", "name": "x name"},
            "property": "Switch.open",
            "old": ["false"],
            "new": ["true"],
        }
    ]


@pytest.mark.parametrize("pair", [("old", "new"), ("one", "two")])
def test_a_difference_is_written_applied_and_taken_back(
    run: Run, files: Path, pair: tuple[str, str]
) -> None:
    old, new = (files / f"{name}.xml" for name in pair)
    change, made, back = (files / name for name in ("change.xml", "made.xml", "back.xml"))
    assert run("model", "diff", old, new, "-o", change)[0] == 1
    assert b"dm:DifferenceModel" in change.read_bytes()
    assert run("model", "apply", old, change, "-o", made) == (0, "", "")
    assert made.read_bytes() == canonical(new, before=old)
    assert run("model", "apply", made, change, "--reverse", "-o", back)[0] == 0
    assert run("model", "diff", back, old)[0] == 0


def test_a_difference_goes_to_stdout(run: Run, files: Path) -> None:
    code, out, err = run("model", "diff", files / "one.xml", files / "two.xml", "-o", "-")
    assert (code, err) == (1, "")
    assert out.startswith("<?xml")
    assert out.endswith("</rdf:RDF>\n")


def test_a_difference_that_does_not_fit_is_refused(run: Run, files: Path) -> None:
    change = files / "change.xml"
    run("model", "diff", files / "one.xml", files / "two.xml", "-o", change)
    code, out, err = run("model", "apply", files / "two.xml", change)
    assert (code, out) == (2, "")
    assert "supersedes 1, not 2" in err
    code, _, err = run("model", "apply", files / "two.xml", change, "--unchecked")
    assert code == 2
    assert "Switch.open of #_x is 'false'; the model has 'true'" in err
    _, _, err = run("model", "apply", files / "two.xml", change)
    assert len(err.splitlines()) == 2  # the wrong version, and the statement that is not there
    code, _, err = run("model", "apply", files / "one.xml", files / "two.xml")
    assert code == 2
    assert "is a full model, where a difference is wanted" in err


def test_what_was_so_already_is_told(run: Run, files: Path) -> None:
    change = files / "change.xml"
    run("model", "diff", files / "old.xml", files / "new.xml", "-o", change)
    text = change.read_text().replace("reverseDifferences", "preconditions")
    change.write_text(text)
    base, made = files / "base.xml", files / "made.xml"
    both = document().replace(b"</rdf:RDF>", b"")
    both += drawing(more=True).consumer("late", "b").document().partition(b">\n")[2]
    base.write_bytes(both)
    code, _, err = run("model", "apply", base, change, "-o", made)
    assert (code, "supersedes" in err) == (2, True)
    code, _, err = run("model", "apply", base, change, "-o", made, "--unchecked")
    assert code == 1
    assert "The difference adds what the model says already" in err


def test_models_come_packed_and_go_packed(run: Run, files: Path) -> None:
    packed, single = files / "set.zip", files / "one.xml.gz"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(files / "one.xml", "one.xml")
        archive.write(files / "old.xml", "deep/old.xml")
    single.write_bytes(gzip.compress((files / "one.xml").read_bytes()))
    out = files / "out.zip"
    assert run("model", "export", packed, single, "-o", out) == (0, "", "")
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["one.xml", "old.xml", "one-2.xml"]
        assert archive.read("old.xml") == canonical(files / "old.xml")
    again = files / "again.zip"
    run("model", "export", out, "-o", again)
    assert run("model", "diff", out, packed)[0] == 0
    assert run("model", "export", files / "one.xml", "-o", files / "a.xml.gz")[0] == 0
    assert gzip.decompress((files / "a.xml.gz").read_bytes()) == canonical(files / "one.xml")


def test_a_model_and_its_difference_are_one_model(run: Run, files: Path) -> None:
    run("model", "diff", files / "one.xml", files / "two.xml", "-o", files / "change.xml")
    made = files / "made.xml"
    assert run("model", "export", files / "one.xml", files / "change.xml", "-o", made)[0] == 0
    assert made.read_bytes() == canonical(files / "two.xml")
    code, _, err = run("model", "export", files / "change.xml")
    assert code == 2
    assert "the model it supersedes is not given" in err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<a>", "bad.xml: The root is a, not rdf:RDF"),
        (b"PK\x03\x04", "bad.xml: The zip cannot be read"),
        (b"<!DOCTYPE a><a/>", "DTD"),
    ],
)
def test_a_file_that_cannot_be_read_is_two(
    run: Run, files: Path, content: bytes, says: str
) -> None:
    (files / "bad.xml").write_bytes(content)
    for command in ("export", "validate"):
        code, out, err = run("model", command, files / "bad.xml")
        assert (code, out) == (2, "")
        assert says in err
    code, _, err = run("model", "import", files / "bad.xml")
    assert code == 2
    assert "bad.xml" in err


def test_a_name_of_nothing_is_two(run: Run, files: Path) -> None:
    code, out, err = run("model", "export", "nothing.xml")
    assert (code, out) == (2, "")
    assert "there is no file nothing.xml; there is no hub in" in err
    run("model", "import", files / "old.xml")
    code, _, err = run("model", "export", "nothing.xml")
    assert code == 2
    assert "there is no version nothing.xml in the journal" in err


# -- the hub


def test_what_is_imported_is_a_version(run: Run, files: Path) -> None:
    code, out, err = run("model", "import", files / "one.xml", files / "two.xml")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["one.xml is message 1: 1", "two.xml is message 2: 2"]
    code, out, _ = run("model", "list", "--json")
    assert code == 0
    listed = json.loads(out)
    assert [(v["seq"], v["mrid"], v["until"]) for v in listed] == [(2, "2", None), (1, "1", 2)]
    assert listed[0]["header"]["supersedes"] == ["1"]
    assert "1.1  1" in run("model", "list")[1]
    assert [v["seq"] for v in json.loads(run("model", "list", "--in-force", "--json")[1])] == [2]
    assert run("model", "diff", "1.1", "2")[1].splitlines()[-1] == (
        "Switch.open of Breaker x name (x): false -> true."
    )
    assert run("model", "diff", "2", files / "two.xml")[0] == 0
    assert run("model", "list", "--at", "2001-01-01", "--json")[1] == "[]\n"
    code, out, _ = run("message", "list", "--json")
    assert all(m["source"].endswith(" at the command line") for m in json.loads(out))
    code, _, err = run("model", "import", files / "one.xml", "--source", "x" * 61)
    assert code == 2
    assert "at most 60" in err


def test_the_same_file_is_taken_once_unless_asked(run: Run, files: Path) -> None:
    run("model", "import", files / "one.xml")
    code, out, _ = run("model", "import", files / "one.xml")
    assert (code, out) == (1, "one.xml was there already, as message 1: 1\n")
    code, out, _ = run("model", "import", files / "one.xml", "--again", "--json")
    assert code == 0
    assert json.loads(out) == [
        {"file": "one.xml", "message": 2, "models": ["1"], "known": False, "left_out": []}
    ]
    assert run("audit", "verify")[2].startswith("head: 3:")


def test_a_strict_import_takes_no_errors(run: Run, files: Path) -> None:
    (files / "wrong.xml").write_bytes(WRONG)
    code, out, err = run("model", "import", files / "wrong.xml", "--strict")
    assert (code, out) == (2, "")
    assert "Breaker w: Switch.open" in err
    assert run("model", "import", files / "wrong.xml", "--json")[0] == 0
    assert [m["seq"] for m in json.loads(run("message", "list", "--json")[1])] == [1]


def test_a_difference_is_imported_on_what_it_supersedes(run: Run, files: Path) -> None:
    run("model", "diff", files / "one.xml", files / "two.xml", "-o", files / "change.xml")
    assert run("model", "import", files / "one.xml", files / "change.xml")[0] == 0
    assert run("model", "diff", "2", files / "two.xml")[0] == 0
    [new, old] = json.loads(run("model", "list", "--json")[1])
    assert (new["mrid"], new["header"]["difference"], old["until"]) == ("2", True, 2)


def test_a_difference_that_fits_nothing_is_said_to_be_left_out(run: Run, files: Path) -> None:
    run("model", "diff", files / "one.xml", files / "two.xml", "-o", files / "change.xml")
    code, out, err = run("model", "import", files / "change.xml")
    assert (code, out) == (1, "change.xml is message 1: 2\n")
    assert err.startswith("change.xml: Model 2 was left out: ")
    [taken] = json.loads(run("model", "import", files / "change.xml", "--json")[1])
    assert (taken["known"], len(taken["left_out"])) == (True, 1)
    assert run("model", "import", files / "one.xml")[0] == 0


def test_a_difference_of_files_without_headers_fits_them_in_the_hub(run: Run, files: Path) -> None:
    run("model", "diff", files / "old.xml", files / "new.xml", "-o", files / "change.xml")
    assert run("model", "import", files / "old.xml", files / "change.xml")[0] == 0
    [new, old] = json.loads(run("model", "list", "--json")[1])
    assert (new["seq"], new["header"]["difference"], old["until"]) == (2, True, 2)
    assert run("model", "diff", new["mrid"], files / "new.xml")[0] == 0


# -- the bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_for_large_things_where_somebody_looks() -> None:
    from hub.cli.progress import LARGE, progress

    for stream, size, is_shown in (
        (Terminal(), LARGE + 1, True),
        (Terminal(), LARGE, False),
        (io.StringIO(), LARGE + 1, False),
    ):
        with progress("feeder.xml", size, stream) as tell:
            tell(size)
        assert ("feeder.xml [" in stream.getvalue()) is is_shown
    assert stream.getvalue() == ""


# -- files of others


@pytest.mark.reference
def test_a_pair_of_files_differs_by_what_is_documented(run: Run, shared: Path, files: Path) -> None:
    folder = shared / "data" / "cim" / "as_operated" / "ieee123_open1"
    base, opened = folder / "ieee123_open1_base.xml", folder / "ieee123_open1.xml"
    change, made = files / "change.xml", files / "made.xml"
    code, out, _ = run("model", "diff", base, opened, "-o", change)
    assert code == 1
    assert out.startswith("11 statements are gone and 11 are new: 0 objects new, 0 gone, 11 values")
    assert run("model", "apply", base, change, "-o", made) == (0, "", "")
    assert made.read_bytes() == canonical(opened, before=base)


@pytest.mark.reference
def test_a_set_of_cgmes_is_one_message(run: Run, shared: Path, files: Path) -> None:
    packed = files / "set.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((shared / "data" / "cim" / "cgmes" / "fullgrid_cgmes3").glob("*.xml")):
            archive.write(path, path.name)
    code, out, _ = run("model", "import", packed, "--json")
    assert code == 0
    [taken] = json.loads(out)
    assert len(taken["models"]) == 7
    listed = json.loads(run("model", "list", "--in-force", "--json")[1])
    assert sorted(v["mrid"] for v in listed) == sorted(taken["models"])
    out_again = files / "again.zip"
    assert run("model", "export", "-o", out_again)[0] == 0
    assert run("model", "diff", packed, out_again)[:2] == (0, "They say the same.\n")
