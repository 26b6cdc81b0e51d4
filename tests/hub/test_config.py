from pathlib import Path

import pytest

from hub.config import Config, ConfigError, load

REPOSITORY = Path(__file__).parents[2]


def write(folder: Path, text: str) -> Path:
    (folder / "hub.toml").write_text(text)
    return folder


def test_the_committed_file_says_the_defaults() -> None:
    folder = REPOSITORY / "config"
    assert load(folder, {}) == Config(folder=folder)


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == Config(folder=tmp_path)


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    write(tmp_path, '[rabbitmq]\nurl = "amqp://hub:${PASSWORD}@localhost/"')
    assert load(tmp_path, {"PASSWORD": "x"}).rabbitmq.url == "amqp://hub:x@localhost/"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nmae = 'x'", "unknown nmae; known: adapters, apps, context"),
        ("[http]\nprot = 1", "unknown http.prot; known: body_bytes"),
        ("[http]\nport = 'x'", "http.port: Input should be a valid integer"),
        ("[http]\nhost = '0.0.0.0'", "http.host 0.0.0.0 is not loopback"),
        ("[rabbitmq]\nurl = '${NOT_SET}'", "${NOT_SET} is not set in the environment"),
        ("[[partners]]\nname='a'\nchannel='soap'\ntopics=['created']", "is no topic"),
        ("[[partners]]\nname='a'\nchannel='soap'\ntopics=['Created.X']", "is no topic"),
        ("= 1", "hub.toml: Invalid"),
    ],
)
def test_a_wrong_setting_stops_with_file_key_and_rule(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        load(write(tmp_path, text), {})
    assert sentence in str(raised.value)
    assert "hub.toml" in str(raised.value) or "partner a" in str(raised.value)
