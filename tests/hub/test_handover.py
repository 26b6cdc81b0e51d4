"""What is handed to a system once is not handed over twice, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from cim.violation import Refusal
from hub.handover import Handover, Ledger, Mark, NotSent, Pace, Parcel, Way
from tests.head_end import HeadEnd, listening

CONTROL = Parcel("C-1-1", b"<disconnect/>", "C-1-1.xml")
PING = Parcel("P-1-1", b"<ping/>", "P-1-1.xml", again=True)
CLOSED = "http://127.0.0.1:9/"  # the port of discard: nobody listens


@pytest.fixture
def head_end() -> Iterator[HeadEnd]:
    with listening() as found:
        yield found


def over_http(folder: Path, url: str, **way: object) -> Handover:
    return Handover(folder, Way(ways=("http",), url=url, **way))  # type: ignore[arg-type]


def marks(folder: Path) -> str:
    return (folder / ".sent").read_text()


def test_a_file_appears_whole_and_once(tmp_path: Path) -> None:
    handover = Handover(tmp_path, Way(ways=("files",)))
    handover.hand_over(CONTROL)
    [file] = (tmp_path / "outbox").iterdir()
    assert (file.name, file.read_bytes()) == (CONTROL.name, CONTROL.raw)
    file.unlink()  # the head-end has taken it
    handover.hand_over(CONTROL)
    Handover(tmp_path, Way(ways=("files",))).hand_over(CONTROL)
    assert not list((tmp_path / "outbox").iterdir())


def test_it_says_who_it_is_and_which_request(tmp_path: Path, head_end: HeadEnd) -> None:
    over_http(tmp_path, head_end.url, token="secret").hand_over(CONTROL)
    over_http(tmp_path, head_end.url, username="a", password="b").hand_over(PING)
    assert head_end.got == [(p.origin, p.raw) for p in (CONTROL, PING)]
    assert head_end.seen == ["Bearer secret", "Basic YTpi"]


@pytest.mark.parametrize("says", [0, 500])
def test_a_control_without_an_answer_is_unknown_and_never_sent_again(
    tmp_path: Path, head_end: HeadEnd, says: int
) -> None:
    head_end.says = says
    with pytest.raises(Refusal, match="UNKNOWN whether C-1-1 was carried out"):
        over_http(tmp_path, head_end.url).hand_over(CONTROL)
    head_end.says = 204
    with pytest.raises(Refusal, match="UNKNOWN"):
        over_http(tmp_path, head_end.url).hand_over(CONTROL)
    assert head_end.identities == ["C-1-1"]


def test_after_a_crash_before_the_answer_it_is_unknown(tmp_path: Path, head_end: HeadEnd) -> None:
    Ledger(tmp_path / ".sent").note("http C-1-1", Mark.BEGUN)
    with pytest.raises(Refusal, match="the hub ended while it was sent"):
        over_http(tmp_path, head_end.url).hand_over(CONTROL)
    assert head_end.got == []


@pytest.mark.parametrize("says", [0, 500])
def test_a_ping_without_an_answer_goes_again(tmp_path: Path, head_end: HeadEnd, says: int) -> None:
    head_end.says = says
    handover = over_http(tmp_path, head_end.url)
    with pytest.raises(ConnectionError):
        handover.hand_over(PING)
    head_end.says = 204
    handover.hand_over(PING)
    handover.hand_over(PING)
    assert head_end.identities == ["P-1-1", "P-1-1"]


@pytest.mark.parametrize("says", [429, 503])
def test_what_was_not_taken_for_sure_goes_again(
    tmp_path: Path, head_end: HeadEnd, says: int
) -> None:
    with pytest.raises(NotSent):
        over_http(tmp_path, CLOSED).hand_over(CONTROL)
    head_end.says = says
    handover = over_http(tmp_path, head_end.url)
    with pytest.raises(NotSent, match=str(says)):
        handover.hand_over(CONTROL)
    head_end.says = 204
    handover.hand_over(CONTROL)
    assert head_end.identities == ["C-1-1", "C-1-1"]


def test_what_is_refused_may_be_replayed_by_hand(tmp_path: Path, head_end: HeadEnd) -> None:
    head_end.says = 422
    handover = over_http(tmp_path, head_end.url)
    with pytest.raises(Refusal, match="answered 422 to C-1-1"):
        handover.hand_over(CONTROL)
    head_end.says = 204
    handover.hand_over(CONTROL)
    assert len(head_end.got) == 2


def test_a_note_is_on_disk_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    handover = Handover(tmp_path, Way(ways=("files",)))
    monkeypatch.setattr("hub.handover.put", lambda *_: found.append(marks(tmp_path)))
    monkeypatch.setattr(Ledger, "_read", lambda _: None)
    handover.hand_over(CONTROL)
    assert found == ["begun files C-1-1\n"]
    assert marks(tmp_path).endswith("sent files C-1-1\n")


def test_the_last_note_cut_short_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / ".sent").write_bytes(b"sent a\nbegun b\nbeg")
    ledger = Ledger(tmp_path / ".sent")
    ledger.note("c", Mark.BEGUN)
    again = Ledger(tmp_path / ".sent")
    assert [again.of(one) for one in "abc"] == [Mark.SENT, Mark.BEGUN, Mark.BEGUN]


def test_where_no_file_can_be_put_nothing_was_sent(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_bytes(b"")
    with pytest.raises(NotSent):
        Handover(tmp_path, Way(ways=("files",))).hand_over(CONTROL)
    (tmp_path / "outbox").unlink()
    Handover(tmp_path, Way(ways=("files",))).hand_over(CONTROL)


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


def test_an_identity_with_a_line_break_is_a_note_about_no_other(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / ".sent")
    ledger.note("http A\nsent http B-1", Mark.BEGUN)
    again = Ledger(tmp_path / ".sent")
    assert again.of("http A\nsent http B-1") is Mark.BEGUN
    assert again.of("http B-1") is None
