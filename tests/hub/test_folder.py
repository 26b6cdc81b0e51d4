"""The watch folder takes each complete file once, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from hub.folder import WatchFolder
from hub.parts import Part


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

    def look(self) -> list[list[str]]:
        """The batches of one look."""
        found: list[list[str]] = []
        self.refused = []
        while isinstance(batch := next(self.batches), Part):
            if batch.file.refused:
                self.refused.append(batch.file.refused)
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
    watched: Watched, tmp_path: Path
) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("1")
    (watched.folder / "link.csv").symlink_to(outside)
    (watched.folder / "folder.csv").mkdir()
    os.mkfifo(watched.folder / "pipe.csv")
    for name, content in (("empty.csv", ""), (".hidden.csv", "1"), ("a.doc", "1")):
        watched.drop(name, content)
    assert watched.later() == []
    assert names(watched.folder / "done") == []
    assert names(watched.folder / "quarantine") == []


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
