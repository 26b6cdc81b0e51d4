"""What is handed to a system once is not handed over twice, whatever happens in between."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from cim.violation import Refusal
from hub.handover import Handover, Mark, NotSent, Pace, Parcel, Way
from tests.fakes import Noted
from tests.head_end import HeadEnd, listening

CONTROL = Parcel("C-1-1", b"<disconnect/>", "C-1-1.xml")
PING = Parcel("P-1-1", b"<ping/>", "P-1-1.xml", again=True)
CLOSED = "http://127.0.0.1:9/"  # the port of discard: nobody listens


@pytest.fixture
def head_end() -> Iterator[HeadEnd]:
    with listening() as found:
        yield found


@pytest.fixture
def notes() -> Noted:
    """What is left of a hub that has ended."""
    return Noted()


def over_http(folder: Path, notes: Noted, url: str, **way: object) -> Handover:
    return noting(Handover(folder, Way(ways=("http",), url=url, **way)), notes)  # type: ignore[arg-type]


def into_files(folder: Path, notes: Noted) -> Handover:
    return noting(Handover(folder, Way(ways=("files",))), notes)


def noting(handover: Handover, notes: Noted) -> Handover:
    handover.note_in(notes)
    return handover


def test_a_file_appears_whole_and_once(tmp_path: Path, notes: Noted) -> None:
    handover = into_files(tmp_path, notes)
    handover.hand_over(CONTROL)
    [file] = (tmp_path / "outbox").iterdir()
    assert (file.name, file.read_bytes()) == (CONTROL.name, CONTROL.raw)
    file.unlink()  # the head-end has taken it
    handover.hand_over(CONTROL)
    into_files(tmp_path, notes).hand_over(CONTROL)
    assert not list((tmp_path / "outbox").iterdir())


def test_it_says_who_it_is_and_which_request(
    tmp_path: Path, notes: Noted, head_end: HeadEnd
) -> None:
    over_http(tmp_path, notes, head_end.url, token="secret").hand_over(CONTROL)
    over_http(tmp_path, notes, head_end.url, username="a", password="b").hand_over(PING)
    assert head_end.got == [(p.origin, p.raw) for p in (CONTROL, PING)]
    assert head_end.seen == ["Bearer secret", "Basic YTpi"]


@pytest.mark.parametrize("says", [0, 500])
def test_a_control_without_an_answer_is_unknown_and_never_sent_again(
    tmp_path: Path, notes: Noted, head_end: HeadEnd, says: int
) -> None:
    head_end.says = says
    with pytest.raises(Refusal, match="UNKNOWN whether C-1-1 was carried out"):
        over_http(tmp_path, notes, head_end.url).hand_over(CONTROL)
    head_end.says = 204
    with pytest.raises(Refusal, match="UNKNOWN"):
        over_http(tmp_path, notes, head_end.url).hand_over(CONTROL)
    assert head_end.identities == ["C-1-1"]


def test_after_a_crash_before_the_answer_it_is_unknown(
    tmp_path: Path, notes: Noted, head_end: HeadEnd
) -> None:
    notes.note("http C-1-1", Mark.BEGUN)
    with pytest.raises(Refusal, match="the hub ended while it was sent"):
        over_http(tmp_path, notes, head_end.url).hand_over(CONTROL)
    assert head_end.got == []


@pytest.mark.parametrize("says", [0, 500])
def test_a_ping_without_an_answer_goes_again(
    tmp_path: Path, notes: Noted, head_end: HeadEnd, says: int
) -> None:
    head_end.says = says
    handover = over_http(tmp_path, notes, head_end.url)
    with pytest.raises(ConnectionError):
        handover.hand_over(PING)
    head_end.says = 204
    handover.hand_over(PING)
    handover.hand_over(PING)
    assert head_end.identities == ["P-1-1", "P-1-1"]


@pytest.mark.parametrize("says", [429, 503])
def test_what_was_not_taken_for_sure_goes_again(
    tmp_path: Path, notes: Noted, head_end: HeadEnd, says: int
) -> None:
    with pytest.raises(NotSent):
        over_http(tmp_path, notes, CLOSED).hand_over(CONTROL)
    head_end.says = says
    handover = over_http(tmp_path, notes, head_end.url)
    with pytest.raises(NotSent, match=str(says)):
        handover.hand_over(CONTROL)
    head_end.says = 204
    handover.hand_over(CONTROL)
    assert head_end.identities == ["C-1-1", "C-1-1"]


def test_what_is_refused_may_be_replayed_by_hand(
    tmp_path: Path, notes: Noted, head_end: HeadEnd
) -> None:
    head_end.says = 422
    handover = over_http(tmp_path, notes, head_end.url)
    with pytest.raises(Refusal, match="answered 422 to C-1-1"):
        handover.hand_over(CONTROL)
    head_end.says = 204
    handover.hand_over(CONTROL)
    assert len(head_end.got) == 2


def test_it_is_noted_before_anything_is_sent(
    tmp_path: Path, notes: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    monkeypatch.setattr("hub.handover.put", lambda *_: found.extend(notes.log))
    into_files(tmp_path, notes).hand_over(CONTROL)
    assert found == ["begun files C-1-1"]
    assert notes.log == ["begun files C-1-1", "sent files C-1-1"]


def test_of_two_ways_each_has_notes_of_its_own(tmp_path: Path, notes: Noted) -> None:
    into_files(tmp_path, notes).hand_over(PING)
    noting(Handover(tmp_path, Way(ways=("files",)), of="lists"), notes).hand_over(PING)
    assert notes.log == ["sent files P-1-1", "sent lists files P-1-1"]


def test_what_earlier_versions_noted_in_a_file_counts(tmp_path: Path, notes: Noted) -> None:
    hashed = hashlib.sha256(b"files A\nsent files D").hexdigest()
    lines = f"void files A\nsent files A\nbegun files B\nsent sha256:{hashed}\nsent files C"
    (tmp_path / ".sent").write_text(lines)  # the last one is cut short
    handover = into_files(tmp_path, notes)
    for origin in ("A", "A\nsent files D", "C", "D"):
        handover.hand_over(Parcel(origin, b"", f"{len(origin)}{origin[0]}"))
    with pytest.raises(Refusal, match="UNKNOWN whether B"):
        handover.hand_over(Parcel("B", b"", "b"))
    assert sorted(path.name for path in (tmp_path / "outbox").iterdir()) == ["1C", "1D"]


def test_where_no_file_can_be_put_nothing_was_sent(tmp_path: Path, notes: Noted) -> None:
    (tmp_path / "outbox").write_bytes(b"")
    with pytest.raises(NotSent):
        into_files(tmp_path, notes).hand_over(CONTROL)
    (tmp_path / "outbox").unlink()
    into_files(tmp_path, notes).hand_over(CONTROL)


class Waiting(Event):
    """Time passes by waiting."""

    now = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0
        return self.is_set()


def test_limits_hold_by_the_second_and_by_the_minute() -> None:
    time = Waiting()
    pace = Pace(2, 3, time, lambda: time.now)
    passed = []
    for _ in range(5):
        pace.wait("head-end")
        passed.append(time.now)
    assert passed == [0, 0, 1, 60, 60]


def test_who_waits_is_let_go_when_the_hub_stops() -> None:
    time = Waiting()
    pace = Pace(1, 0, time, lambda: time.now)
    pace.wait("head-end")
    time.set()
    with pytest.raises(NotSent, match="stops"):
        pace.wait("head-end")


@pytest.mark.parametrize(
    ("way", "rule"),
    [
        ({"ways": ("http",)}, "http needs url"),
        ({"url": "http://hes.example/"}, "url is https"),
        ({"url": "ftp://127.0.0.1/"}, "url is https"),
        ({"username": "a"}, "go together"),
        ({"token": "a", "username": "a", "password": "b"}, "not both"),
    ],
)
def test_what_cannot_be_stops_the_start(way: dict[str, object], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Way(**way)  # type: ignore[arg-type]
