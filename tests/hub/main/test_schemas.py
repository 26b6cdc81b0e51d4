"""A utility's own XSD files, from the configuration to what is said at the doors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cim import envelope, override
from cim.profiles import NOUNS
from cim.schema import noun_xsd
from cim.schema.library import SchemaError
from cim.violation import Refusal
from hub.channels.rabbitmq import Broker, RabbitChannel
from hub.cli import main
from hub.config import Config, ConfigError, Http, Schemas, load
from hub.main import Running, check, install
from tests import fakes

FOLDER = Path(__file__).parents[3] / "config"
OURS = noun_xsd(NOUNS["EndDeviceEvents"])
THEIRS = OURS.replace(b'name="reason" minOccurs="0"', b'name="reason"', 1)


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    yield
    override.clear()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """With a folder in which a reason is required."""
    folder = tmp_path / "iec"
    folder.mkdir()
    (folder / "events.xsd").write_bytes(THEIRS)
    return Config(
        data=tmp_path / "var",
        adapters=(),
        apps=(),
        http=Http(port=0),
        schemas=Schemas(override=folder),
        folder=FOLDER,
    )


def test_they_hold_while_the_hub_runs(config: Config) -> None:
    message = fakes.message(fakes.last_gasp("a"))
    said = envelope.write(message)
    with Running(config, {}) as hub:
        with pytest.raises(Refusal, match="EndDeviceEvent lacks reason"):
            envelope.read(said)
        # What an adapter says follows our profile and is kept in our form.
        lines = fakes.Lines([])
        assert hub.hub.take("lines", lines, [fakes.Line("1 a")]).entries
    assert envelope.read(said)


def test_a_broken_file_stops_the_start(config: Config) -> None:
    assert config.schemas.override is not None
    file = config.schemas.override / "events.xsd"
    file.write_bytes(OURS.replace(b'"m:EndDeviceEvent"', b'"m:EndDeviceEven"', 1))
    line = 1 + OURS[: OURS.index(b'"m:EndDeviceEvent"')].count(b"\n")
    for start in (lambda: Running(config, {}), lambda: check(config, {})):
        with pytest.raises(SchemaError, match=rf"{file}, line {line}: .*m?EndDeviceEven'"):
            start()


def test_what_breaks_them_is_not_sent(config: Config) -> None:
    """Before any connection is made: there is no broker here."""
    install(config)
    channel = RabbitChannel(Broker(url="amqp://127.0.0.1:1/"))
    with pytest.raises(Refusal, match="EndDeviceEvent lacks reason"):
        channel.send([fakes.message(fakes.last_gasp("a"))])
    channel.close()


def test_the_command_line_holds_files_against_them(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hub.toml").write_text(f"[schemas]\noverride = '{config.schemas.override}'\n")
    file = tmp_path / "event.xml"
    file.write_bytes(envelope.write(fakes.message(fakes.last_gasp("a"))))
    assert main(["--config", str(tmp_path), "validate", str(file)]) == 1
    assert "EndDeviceEvent lacks reason" in capsys.readouterr().out
    assert main(["--config", str(FOLDER), "validate", str(file)]) == 0


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text("[schemas]\noverride = 'nowhere'\n")
    with pytest.raises(ConfigError, match=r"schemas\.override"):
        load(tmp_path, {})
    (tmp_path / "hub.toml").write_text("[schemas]\nfolder = 'nowhere'\n")
    with pytest.raises(ConfigError, match=r"unknown schemas\.folder"):
        load(tmp_path, {})
