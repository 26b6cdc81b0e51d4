"""Several adapters of one kind, each with a name, settings and a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.ami import AmiAdapter
from hub.config import Config, ConfigError
from hub.feed_settings import Feed
from hub.main import check, components

NORTH = 'kind = "ami"\nfolder = "feeds/north"\n'


def settings(folder: Path, **files: str) -> Config:
    (folder / "adapters").mkdir()
    (folder / "roles.toml").write_bytes(
        (Path(__file__).parents[3] / "config" / "roles.toml").read_bytes()
    )
    for name, text in files.items():
        (folder / "adapters" / f"{name}.toml").write_text(text)
    return Config(folder=folder, data=folder / "var", adapters=tuple(files), apps=())


def test_two_of_a_kind_have_settings_of_their_own(tmp_path: Path) -> None:
    south = 'kind = "ami"\nfolder = "feeds/south"\nzone = "America/Denver"\n'
    config = settings(
        tmp_path,
        north=f'{NORTH}[codes]\nP = "3.26.0.85"\n',
        south=f'{south}[codes]\nP = "3.26.0.216"\n',
        ami="",
    )
    found: dict[str, Any] = components.adapters(config, {})
    assert {name: type(one) for name, one in found.items()} == dict.fromkeys(
        ("north", "south", "ami"), AmiAdapter
    )
    assert [found[n].folder for n in found] == [
        tmp_path / "var" / "feeds" / n for n in ("north", "south", "ami")
    ]
    assert [found[n].zone for n in found] == ["UTC", "America/Denver", "UTC"]
    assert [found[n].codes.get("P") for n in found] == ["3.26.0.85", "3.26.0.216", None]
    assert tmp_path / "adapters" / "north.toml" in check(config, {})


def test_a_draft_of_its_settings_need_not_say_the_kind_again(tmp_path: Path) -> None:
    config = settings(tmp_path, north=NORTH)
    draft = tmp_path / "draft.toml"
    draft.write_text('zone = "America/Denver"\n')
    made = components.adapter(config, {}, "north", draft)
    assert isinstance(made, AmiAdapter)
    assert made.zone == "America/Denver"


def test_a_kind_that_is_not_installed_stops_the_start(tmp_path: Path) -> None:
    config = settings(tmp_path, north='kind = "amy"\n')
    with pytest.raises(ConfigError, match=r"north\.toml: kind is 'amy'; installed are ami, cis, "):
        components.adapters(config, {})
    (tmp_path / "adapters" / "north.toml").write_text("")
    rule = r"hub\.toml: adapters names 'north'; installed are .*north\.toml may say which .*: kind"
    with pytest.raises(ConfigError, match=rule):
        components.adapters(config, {})


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ('kind = "ami"', 'kind = "ami"', r"south\.toml: folder: .* is folder of north, too"),
        (NORTH, 'kind = "ivr"\nfolder = "feeds/x/../north"', "is folder of north, too"),
        (NORTH, 'kind = "ami"\nfolder = "feeds/north/outbox"\n', None),
        (
            f'{NORTH}[out]\nways = ["files"]',
            'kind = "ami"\nfolder = "feeds/north/outbox"\n',
            r"folder: .* is out\.outbox of north, too",
        ),
        (NORTH, 'kind = "gis"\nfolder = "feeds/other"\n', None),
        (
            'kind = "cis"\nfolder = "feeds/a"',
            'kind = "cis"\nfolder = "feeds/b"',
            r"south\.toml: system: 'CIS' is that of north, too, and identifiers follow",
        ),
        (
            'kind = "cis"\nfolder = "feeds/a"',
            'kind = "cis"\nfolder = "feeds/b"\nsystem = "CIS 2"',
            None,
        ),
        ('kind = "cis"', 'kind = "erp"\nsystem = "CIS"', None),
    ],
)
def test_nobody_takes_the_files_of_another(
    tmp_path: Path, one: str, other: str, rule: str | None
) -> None:
    config = settings(tmp_path, north=one, south=other)
    if rule is None:
        assert len(components.adapters(config, {})) == 2
        return
    with pytest.raises(ConfigError, match=rule):
        components.adapters(config, {})


def test_what_is_said_of_its_feed_is_said_by_its_name(tmp_path: Path) -> None:
    given = settings(tmp_path, north=NORTH)
    config = Config(**{**vars(given), "feeds": {"north": Feed(late=60.0)}})
    assert components.adapters(config, {}).keys() == {"north"}
    assert components.window(config, "north").late == 60.0
