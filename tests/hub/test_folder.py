"""The watch folder takes each complete file once, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from hub.folder import WatchFolder
from hub.parts import Part
from hub.taken import Stamp, Takings


def lines(name: str, data: bytes) -> Sequence[str]:
    if b"\0" in data:
        raise ValueError(f"{name} is not text")
    return [f"{name}:{line}" for line in data.decode().split()]


class Watched:
    """A folder under a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.time = folder, 0.0
        self.watch = WatchFolder(
            folder,
            lines,
            suffixes=(".csv",),
            settle=2.0,
            interval=0.0,
            max_bytes=100,
            batch=2,
            clock=lambda: self.time,
            now=lambda: datetime(2025, 11, 20, 16, tzinfo=UTC),
        )
        self.batches: Iterator[Sequence[str]] = self.watch.batches()
        self.refused: list[str] = []
        self.ignored: list[tuple[str, str]] = []

    def look(self) -> list[list[str]]:
        """The batches of one look."""
        found: list[list[str]] = []
        self.refused = []
        while isinstance(batch := next(self.batches), Part):
            if batch.file.refused:
                self.refused.append(batch.file.refused)
            elif batch.file.ignored:
                self.ignored.append((batch.file.name, batch.file.ignored))
            else:
                found.append(list(batch))
        return found

    def later(self) -> list[list[str]]:
        """The batches of a look after files have settled."""
        self.look()
        self.time += 3
        return self.look()

    def drop(self, name: str, content: str, at: int = 1) -> Path:
        path = self.folder / name
        path.write_text(content)
        os.utime(path, (at, at))
        return path


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    watched = Watched(tmp_path / "in")
    watched.look()
    return watched


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_settled_file_is_taken_in_batches_and_moved_when_they_are_durable(
    watched: Watched,
) -> None:
    path = watched.drop("a.csv", "1 2 3")
    assert watched.look() == []
    watched.time = 2.0
    assert list(next(watched.batches)) == ["a.csv:1", "a.csv:2"]
    assert list(next(watched.batches)) == ["a.csv:3"]
    assert path.exists(), "the last batch is not durable yet"
    assert next(watched.batches) == ()
    assert names(watched.folder / "done") == ["a.csv"]
    assert not path.exists()


def test_a_growing_file_is_left_alone(watched: Watched) -> None:
    for second in range(5):
        watched.drop("a.csv", "1 " * (second + 1), at=second)
        watched.time = float(second)
        assert watched.look() == []
    watched.time = 6.0
    assert watched.look() == [["a.csv:1"] * 2] * 2 + [["a.csv:1"]]


def test_a_renamed_file_is_complete_at_the_second_look(watched: Watched) -> None:
    path = watched.drop("a.csv.part", "1")
    assert watched.look() == []
    path.rename(watched.folder / "a.csv")
    assert watched.look() == []
    watched.time += 1
    assert watched.look() == [["a.csv:1"]]


def test_a_growing_file_that_got_the_inode_of_a_removed_one_is_left_alone(
    watched: Watched,
) -> None:
    # Renamed and written anew: so the inode is the same on every file system.
    part = watched.drop("old.csv.part", "old")
    assert watched.look() == []
    path = part.rename(watched.folder / "a.csv")
    for second in range(1, 5):
        watched.drop("a.csv", "1 " * second, at=second)
        watched.time += 1
        assert watched.look() == []
    watched.time += 1
    assert watched.look() == [["a.csv:1", "a.csv:1"]] * 2
    assert not path.exists()


def test_the_oldest_file_comes_first(watched: Watched) -> None:
    watched.drop("a.csv", "1", at=30)
    watched.drop("b.csv", "1", at=10)
    watched.drop("c.csv", "1", at=20)
    assert watched.later() == [["b.csv:1"], ["c.csv:1"], ["a.csv:1"]]


def test_empty_hidden_foreign_and_linked_files_are_left_alone(
    watched: Watched, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("1")
    (watched.folder / "link.csv").symlink_to(outside)
    (watched.folder / "folder.csv").mkdir()
    os.mkfifo(watched.folder / "pipe.csv")
    for name, content in (("empty.csv", ""), (".hidden.csv", "1"), ("a.doc", "1")):
        watched.drop(name, content)
    watched.drop("b.csv.part", "1")
    assert watched.look() == []
    assert not watched.watch.passed_over
    assert watched.later() == []
    assert names(watched.folder / "done") == []
    assert names(watched.folder / "quarantine") == []
    assert list(watched.watch.passed_over) == ["a.doc", "empty.csv"]
    watched.look()
    told = [r.getMessage().removeprefix(str(watched.folder)) for r in caplog.records]
    assert sorted(told) == [
        "/a.doc is passed over: its name does not end in .csv",
        "/empty.csv is passed over: it is empty",
    ]
    watched.later()
    ignored = [("a.doc", "its name does not end in .csv"), ("empty.csv", "it is empty")]
    assert sorted(watched.ignored) == ignored  # each once


def test_what_is_passed_over_is_told_some_at_a_time(watched: Watched) -> None:
    for number in range(130):
        watched.drop(f"{number}.doc", "1")
    watched.later()
    watched.drop("a.csv", "1")
    watched.look()
    assert len(watched.ignored) == 100
    watched.time += 3
    assert watched.look() == [["a.csv:1"]]
    assert len(set(watched.ignored)) == len(watched.ignored) == 130


def test_an_unusable_file_goes_to_quarantine_with_its_reason(watched: Watched) -> None:
    watched.drop("a.csv", "\0")
    watched.drop("b.csv", "1", at=2)
    assert watched.later() == [["b.csv:1"]]
    quarantine = watched.folder / "quarantine"
    assert names(quarantine) == ["a.csv", "a.csv.reason"]
    assert (quarantine / "a.csv.reason").read_text() == (
        "2025-11-20T16:00:00+00:00 a.csv is not text\n"
    )


def test_a_large_file_is_not_read(watched: Watched) -> None:
    watched.drop("a.csv", "1 " * 51)
    assert watched.later() == []
    reason = (watched.folder / "quarantine" / "a.csv.reason").read_text()
    assert "a.csv has 102 bytes; at most 100 are taken" in reason


def test_a_second_file_of_the_same_name_keeps_the_first(watched: Watched) -> None:
    for content in ("1", "2", "\0", "\0"):
        watched.drop("a.csv", content)
        watched.later()
    assert names(watched.folder / "done") == ["a.1.csv", "a.csv"]
    assert names(watched.folder / "quarantine") == [
        "a.1.csv",
        "a.1.csv.reason",
        "a.csv",
        "a.csv.reason",
    ]


def test_a_file_appended_to_while_it_is_taken_is_read_again(watched: Watched) -> None:
    path = watched.drop("a.csv", "1")
    watched.look()
    watched.time += 3
    assert list(next(watched.batches)) == ["a.csv:1"]
    path.write_text("1 2")
    assert watched.look() == []
    assert path.exists()
    assert watched.later() == [["a.csv:1", "a.csv:2"]]


def test_a_file_that_is_written_on_after_it_was_taken_is_read_again(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    path = watched.drop("slow.csv", "1 2")
    with path.open("a") as writer:
        assert watched.later() == [["slow.csv:1", "slow.csv:2"]]
        writer.write(" 3 4")
    watched.time += 5
    assert watched.later() == [["slow.csv:1", "slow.csv:2"], ["slow.csv:3", "slow.csv:4"]]
    assert names(watched.folder) == [".taken", "done", "quarantine"]
    assert names(watched.folder / "done") == ["slow.csv"]
    assert "slow.csv was written on after it was taken: 3 bytes then, 7 now" in caplog.text
    watched.time += 5
    assert watched.later() == []


def test_a_refused_file_that_is_written_on_is_read_again(watched: Watched) -> None:
    path = watched.drop("slow.csv", "\0")
    with path.open("r+") as writer:
        assert watched.later() == []
        writer.write("1 2 3")
    watched.time += 5
    assert watched.later() == [["slow.csv:1", "slow.csv:2"], ["slow.csv:3"]]
    assert names(watched.folder / "quarantine") == []


def test_a_start_after_a_crash_finds_what_was_written_on(tmp_path: Path) -> None:
    killed = Watched(tmp_path / "in")
    killed.look()
    path = killed.drop("slow.csv", "1")
    with path.open("a") as writer:
        killed.later()
        writer.write(" 2")
    with (killed.folder / ".taken").open("ab") as record:
        record.write(b'{"name": "other.c')  # the kill came in the middle of a line
    started = Watched(tmp_path / "in")
    assert started.later() == [["slow.csv:1", "slow.csv:2"]]
    with (started.folder / "done" / "slow.csv").open("a") as writer:
        writer.write(" 3")
    assert Watched(tmp_path / "in").later() == [["slow.csv:1", "slow.csv:2"], ["slow.csv:3"]]


def test_a_note_is_on_disk_before_its_file_is_put_away(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds: list[str] = []
    sync, move = os.fsync, Path.rename

    def synced(descriptor: int) -> None:
        deeds.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        sync(descriptor)

    def moved(path: Path, target: Path) -> None:
        noted = (watched.folder / ".taken").read_text().count(f'"{path.name}"')
        deeds.append(f"move {path.name}, noted {noted}")
        move(path, target)

    monkeypatch.setattr("os.fsync", synced)
    monkeypatch.setattr(Path, "rename", moved)
    watched.drop("a.csv", "1")
    watched.drop("b.csv", "2", at=2)
    assert watched.later() == [["a.csv:1"], ["b.csv:2"]]
    # The folder only when the record is new in it.
    first = ["sync .taken", "sync in", "move a.csv, noted 1"]
    assert deeds == [*first, "sync .taken", "move b.csv, noted 1"]


def test_a_power_cut_between_note_and_move_loses_nothing(tmp_path: Path) -> None:
    killed = Watched(tmp_path / "in")
    killed.look()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: None)  # never on disk
        path = killed.drop("a.csv", "1")
        assert killed.later() == [["a.csv:1"]]
    started = Watched(tmp_path / "in")
    assert started.later() == [["a.csv:1"]]  # duplicates, by the identity of each
    with (started.folder / "done" / path.name).open("a") as writer:
        writer.write(" 2")
    started.time += 5
    assert started.later() == [["a.csv:1", "a.csv:2"]]
    assert names(started.folder / "done") == ["a.csv"]


def test_what_is_written_on_waits_for_its_name(watched: Watched) -> None:
    watched.drop("slow.csv", "1")
    watched.later()
    watched.drop("slow.csv", "9", at=7)
    (watched.folder / "done" / "slow.csv").write_text("1 2")
    watched.time += 5
    assert watched.later() == [["slow.csv:9"]]
    watched.time += 5
    assert watched.later() == [["slow.csv:1", "slow.csv:2"]]
    assert names(watched.folder / "done") == ["slow.1.csv", "slow.csv"]


def test_the_record_of_what_was_taken_is_short(tmp_path: Path) -> None:
    takings = Takings(tmp_path, timedelta(minutes=1))
    (tmp_path / "done").mkdir()
    at = datetime(2025, 11, 20, 16, tzinfo=UTC)
    for number in range(300):
        path = tmp_path / "done" / f"{number}.csv"
        path.touch()
        takings.note(tmp_path / path.name, path, Stamp.of(path.lstat()), at)
    assert list(takings.grown(at)) == []
    assert len((tmp_path / ".taken").read_bytes().splitlines()) == 300
    assert list(takings.grown(at + timedelta(minutes=2))) == []
    assert (tmp_path / ".taken").read_bytes() == b""


def test_a_file_taken_away_by_hand_is_no_trouble(watched: Watched) -> None:
    path = watched.drop("a.csv", "1")
    watched.look()
    watched.time += 3
    assert list(next(watched.batches)) == ["a.csv:1"]
    path.unlink()
    assert watched.look() == []


def test_a_restart_before_the_move_reads_the_file_again(tmp_path: Path) -> None:
    killed = Watched(tmp_path / "in")
    killed.look()
    killed.drop("a.csv", "1")
    killed.look()
    killed.time += 3
    assert list(next(killed.batches)) == ["a.csv:1"]
    assert Watched(tmp_path / "in").later() == [["a.csv:1"]]


def test_a_linked_done_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "done").symlink_to(tmp_path)
    with pytest.raises(NotADirectoryError, match="done is a link"):
        Watched(tmp_path / "in").look()


def test_stop_wakes_a_waiting_reader(tmp_path: Path) -> None:
    watch = WatchFolder(tmp_path, lines, suffixes=(".csv",), interval=3600)
    batches = watch.batches()
    assert next(batches) == ()
    thread = Thread(target=lambda: list(batches))
    thread.start()
    watch.stop()
    thread.join(timeout=30)
    assert not thread.is_alive()
