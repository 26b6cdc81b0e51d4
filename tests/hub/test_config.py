from pathlib import Path

import pytest

from cim.message import Format
from hub.config import Config, ConfigError, load
from hub.partner_settings import Partner

REPOSITORY = Path(__file__).parents[2]


OMS = "[[partners]]\nname='a'\nchannel='soap'\nurl='https://oms.example/soap'\ntopics=[]\n"


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


def test_what_a_partner_needs_to_know_who_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("hub.pem", "hub-key.pem", "ca.pem"):
        (tmp_path / name).touch()
    (tmp_path / "contract").mkdir()
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        f"""{OMS}
        username = "gridbus"
        password = "${{OMS_PASSWORD}}"
        certificate = "hub.pem"
        key = "hub-key.pem"
        authority = "ca.pem"
        schemas = "contract"
        payload = "RDF"
        """,
    )
    config = load(tmp_path, {"OMS_PASSWORD": "secret"})
    assert config.partners == (
        Partner(
            name="a",
            channel="soap",
            topics=(),
            url="https://oms.example/soap",
            username="gridbus",
            password="secret",
            certificate=Path("hub.pem"),
            key=Path("hub-key.pem"),
            authority=Path("ca.pem"),
            schemas=Path("contract"),
            payload=Format.RDF,
        ),
    )
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "nmae = 'x'",
            "unknown nmae; known: adapters, apps, codes, context, data, database, dialects",
        ),
        ("context = 'Study'", "context is STUDY: what a study says is not so"),
        ("[http]\nprot = 1", "unknown http.prot; known: body_bytes"),
        ("[http]\nport = 'x'", "http.port: Input should be a valid integer"),
        ("[http]\nport = 99999", "http.port: Input should be less than or equal to 65535"),
        ("frequency = 0", "frequency: Input should be greater than 0, is 0"),
        ("frequency = -50.0", "frequency: Input should be greater than 0, is -50.0"),
        ("frequency = inf", "frequency: Input should be a finite number, is inf"),
        ("[retry]\nattempts = 0", "retry.attempts: Input should be greater than or equal to 1"),
        ("[http]\nhost = '0.0.0.0'", "http.host 0.0.0.0 is not loopback"),
        ("[rabbitmq]\nurl = '${NOT_SET}'", "${NOT_SET} is not set in the environment"),
        ("[[partners]]\nname='a'\nchannel='soap'\ntopics=['created']", "is no topic"),
        ("[[partners]]\nname='a'\nchannel='soap'\ntopics=['Created.X']", "is no topic"),
        ("[[partners]]\nname='a'\nchannel='soap'\ntopics=[]", "partner a: soap needs url"),
        ("[[partners]]\nname='a'\nchannel='fax'\ntopics=[]", 'channel is "soap" or "rabbitmq"'),
        ("[[partners]]\nname='a'\nchannel='rabbitmq'\nqueue='q'\ntopics=[]", "and rabbitmq.url"),
        (OMS + "username='x'", "username and password go together"),
        (OMS + f"key='{__file__}'", "key needs certificate"),
        (OMS + "typed=true\npayload='RDF'", "typed operations carry XML"),
        (OMS + "typed=true\ncompressed=true", "typed operations carry nothing compressed"),
        (OMS + "compress_above=-1", "compress_above: Input should be greater"),
        ("[replies]\nalow = []", "unknown replies.alow"),
        ("[public]\nleast = 0", "public.least: Input should be greater"),
        ("[public]\nzone = 'Mars'", "public.zone: a zone, e.g. America/Chicago, was expected"),
        ("[public]\narea = 'street'", "public.area: Input should be 'feeder' or 'community'"),
        ("[public]\nenable = true", "unknown public.enable; known: area, enabled"),
        ("[get]\nlimit = 0", "get.limit: Input should be greater"),
        ("[replay]\nseconds = 0", "replay.seconds: Input should be greater"),
        (OMS + "certificate='gone.pem'", "certificate: Path does not point to a file"),
        (OMS + "schemas='gone'", "schemas: Path does not point to a directory"),
        (OMS + "payload='JSON'", "payload: Input should be 'XML' or 'RDF'"),
        (OMS + "pasword='x'", "unknown partners.pasword"),
        ("[soap]\npayload = 'JSON'", "soap.payload: Input should be 'XML' or 'RDF'"),
        (
            '[codes.hes]\n"17" = "gone"',
            "codes.hes: '17' stands for 'gone', which is neither a code",
        ),
        (
            "[dialects.hes]\ntolerances=['verb']",
            "dialects.hes: there is no tolerance 'verb'; known",
        ),
        (
            "[dialects.hes]\ntolerances=['time-format']",
            "dialects.hes: time-format needs time_format, e.g. %m/%d/%Y",
        ),
        (OMS + "time_format='%d.%m.%Y'", "partner a: time_format '%d.%m.%Y' must say year, month"),
        ("[dialects.hes]\nstrictnes='x'", "unknown dialects.hes.strictnes; known: strictness"),
        (OMS + "edition=3", "edition: Input should be 1 or 2"),
        (OMS + "edition=2", "partner a: edition 2 needs schemas.edition2"),
        (OMS + "strictness='lax'", 'partner a: strictness is "strict" or "tolerant"'),
        ("[schemas]\nedition2='gone.xsd'", "schemas.edition2: Path does not point to a file"),
        (f"[schemas]\nedition2='{__file__}'", "schemas.edition2: "),
        ("[schemas]\nedition3='x'", "unknown schemas.edition3; known: edition2"),
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
