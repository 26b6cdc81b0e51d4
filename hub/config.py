"""The configuration: `hub.toml` and one file for each adapter and app, read into dataclasses.

A key nobody knows stops the start.  A secret is written as `${NAME}` and comes from the environment
that the caller hands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import DirectoryPath, Field, FilePath

from cim.codes import Codes
from cim.dialect import Dialect, Dialects
from cim.envelope.edition2 import Edition2
from cim.message import STUDY, Format
from hub.feed_settings import Database, Feed, Sftp
from hub.historian_settings import Historian
from hub.partner_settings import Partner
from hub.public_settings import Public
from hub.settings import ConfigError, Hertz, build, check_keys, read

__all__ = ["Config", "ConfigError", "code_tables", "load"]


@dataclass(frozen=True, kw_only=True)
class Http:
    """The front door.  `certificate` and `key` switch TLS on, `client_ca` asks for client
    certificates; all are PEM files.  Without TLS only a loopback host is allowed."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8088
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    body_bytes: int = 32 * 1024 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 30.0


@dataclass(frozen=True, kw_only=True)
class RabbitMq:
    """The broker; an empty `url` means the embedded channel.

    payload:    how payloads travel, "RDF" or "XML".
    queue_type: "auto", "classic" or "quorum".
    inbound:    system name -> queue from which its messages are taken.
    run_apps:   whether `gridbus serve` also handles the apps' messages, as a worker does.
    rabbitmqctl: command that reaches the broker's node, for quorum queues on brokers before 4.0.
    """

    url: str = ""
    payload: Format = Format.RDF
    queue_type: Literal["auto", "classic", "quorum"] = "auto"
    inbound: Mapping[str, str] = field(default_factory=dict)
    run_apps: bool = True
    rabbitmqctl: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Soap:
    """The served endpoint.

    answer_seconds: how long a `get` may wait for its answer, over REST too.
    payload:        how payloads travel in replies of the generic endpoint, "XML" or "RDF"; a
                    request whose own payload came as RDF is answered in RDF whatever this says, and
                    the strongly typed endpoints always speak XML.
    """

    answer_seconds: float = 20.0
    payload: Format = Format.XML


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Delivery to a subscriber: `attempts` in all, waiting from `first` to `longest` seconds."""

    attempts: Annotated[int, Field(ge=1)] = 6
    first: Annotated[float, Field(gt=0)] = 1.0
    longest: Annotated[float, Field(gt=0)] = 300.0


@dataclass(frozen=True, kw_only=True)
class Replies:
    """Answers and events sent to an address that a message or a subscription names.

    allow:    beginnings of SOAP addresses to which they may go, beside those of the partners, and
              `amqp:<queue>` for a queue that senders over SOAP may name.
    attempts: until an answer that nobody takes is a dead letter; pauses as in `retry`.
    """

    allow: tuple[str, ...] = ()
    attempts: Annotated[int, Field(ge=1)] = 10


@dataclass(frozen=True, kw_only=True)
class Get:
    """The hub's own answer to `get`, from the journal, where no app gives one.

    series:  nouns that tell what happened: every message counts; of all others one object is its
             newest version.
    limit:   messages of a series, or objects of other nouns, in one reply at most.
    replies: to one asynchronous request at most.
    scan:    messages read for one reply at most.
    """

    series: tuple[str, ...] = (
        "ConnectivityChanges",
        "EndDeviceEvents",
        "MeasurementValues",
        "MeterReadings",
        "PSREvents",
        "SwitchingEvents",
        "WeatherReports",
    )
    limit: Annotated[int, Field(ge=1)] = 500
    replies: Annotated[int, Field(ge=1)] = 20
    scan: Annotated[int, Field(ge=1)] = 20_000


@dataclass(frozen=True, kw_only=True)
class Replay:
    """ReplayDetection of the header.

    seconds:  how far its Created may be from now; so long its Nonce is remembered.
    required: systems that must send it; "*" for all.
    """

    seconds: Annotated[float, Field(gt=0)] = 300.0
    required: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class History:
    """Snapshots of the network, from which the hub starts and looks back.

    messages, minutes: after so many messages that move the network, and after so many minutes in
              which there was any, one is due; after a new model at once.
    pause:    seconds that lie between two at least.
    hours:    how long all of them are kept; then the last of each day for `days` days, then the
              last of each month.
    days:     so long it is also kept that a system has a message for good (`hub.handover`).
    """

    messages: Annotated[int, Field(ge=1)] = 2000
    minutes: Annotated[float, Field(gt=0)] = 30.0
    pause: Annotated[float, Field(ge=0)] = 60.0
    hours: Annotated[float, Field(ge=0)] = 24.0
    days: Annotated[float, Field(ge=0)] = 90.0


@dataclass(frozen=True, kw_only=True)
class Schemas:
    """Schemas that a utility owns.

    override:   folder with XSD files; a noun that one of them declares is held against that.
    namespaces: noun -> the namespace in which it is accepted, too, and sent; that of its file in
                `override` where left out.
    edition2:   the XSD of the envelope of IEC 61968-100:2022, with what it includes in its folder.
    """

    override: DirectoryPath | None = None
    namespaces: Mapping[str, str] = field(default_factory=dict)
    edition2: FilePath | None = None


@dataclass(frozen=True, kw_only=True)
class Strictness:
    """How a system is read.

    strictness: "strict": nothing is corrected; "tolerant": what `tolerances` name.
    tolerances: exactly those granted, of `cim.dialect.TOLERANCES`; None: the usual ones.
    zone:       of times that name none, e.g. "America/Chicago".
    time_format: of times that are not ISO 8601, e.g. "%m/%d/%Y %I:%M:%S %p".
    """

    strictness: str = "tolerant"
    tolerances: tuple[str, ...] | None = None
    zone: str = "UTC"
    time_format: str = ""

    def dialect(self) -> Dialect:
        """Raises: ValueError for what cannot be."""
        return Dialect.of(self.strictness, self.tolerances, self.zone, self.time_format)


@dataclass(frozen=True, kw_only=True)
class Config:
    """`hub.toml`.

    name:     Header.Source of what the hub itself says.
    context:  Header.Context of what it sends: PRODUCTION, TESTING, TRAINING ...
    data:     folder of the database and of the feeds' folders.
    database: SQLAlchemy URL; empty means SQLite in `data`.
    frequency: nominal, of the network, for every application; as its models say when None.
    dialects: system -> how it is read; "*" for all others.
    codes:    source -> its code -> what it stands for, as `cim.codes.Codes` says.
    feeds:    adapter -> what holds for what it brings.
    """

    name: str = "GRIDBUS"
    context: str = "PRODUCTION"
    data: Path = Path("var")
    database: str = ""
    frequency: Hertz | None = None
    adapters: tuple[str, ...] = ("gis", "cis", "ami")
    apps: tuple[str, ...] = (
        *("network_connectivity", "outage", "crews", "restoration_times", "planned_outages"),
        *("trouble_calls", "load_flow", "study"),
    )
    http: Http = field(default_factory=Http)
    rabbitmq: RabbitMq = field(default_factory=RabbitMq)
    soap: Soap = field(default_factory=Soap)
    retry: Retry = field(default_factory=Retry)
    replies: Replies = field(default_factory=Replies)
    get: Get = field(default_factory=Get)
    replay: Replay = field(default_factory=Replay)
    history: History = field(default_factory=History)
    historian: Historian = field(default_factory=Historian)
    public: Public = field(default_factory=Public)
    schemas: Schemas = field(default_factory=Schemas)
    dialects: Mapping[str, Strictness] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    partners: tuple[Partner, ...] = ()
    folder: Path = Path("config")  # where this was read

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'gridbus.db'}"

    def feed(self, adapter: str) -> Feed:
        """What holds for what an adapter brings."""
        return self.feeds.get(adapter, Feed())

    def spoken(self) -> Dialects:
        """How each system is read.  Raises: ConfigError."""
        found: dict[str, Dialect] = {}
        for name, given in self.dialects.items():
            try:
                found[name] = given.dialect()
            except ValueError as error:
                where = f"{self.folder / 'hub.toml'}: dialects.{name}"
                raise ConfigError(f"{where}: {error}") from None
        return Dialects(found, self._edition2(), Codes(self.codes))

    def _edition2(self) -> Edition2 | None:
        path = self.schemas.edition2
        try:
            return None if path is None else Edition2(path)
        except ValueError as error:
            raise ConfigError(f"{self.folder / 'hub.toml'}: schemas.edition2: {error}") from None


def load(folder: Path, environ: Mapping[str, str]) -> Config:
    """Read `hub.toml` in `folder`; a folder without one gives the defaults.

    Raises: ConfigError.
    """
    table = {**read(folder / "hub.toml", environ), "folder": folder}
    check_keys(Config, table, folder / "hub.toml")
    _check_nested(table, folder / "hub.toml")
    config = build(Config, table, folder / "hub.toml")
    if config.context.upper() == STUDY:
        raise ConfigError(f"{folder / 'hub.toml'}: context is STUDY: what a study says is not so")
    for partner in config.partners:
        partner.check(config.rabbitmq.url, second=config.schemas.edition2 is not None)
    code_tables(config.codes, folder / "hub.toml")
    config.spoken()
    if config.http.host not in ("127.0.0.1", "::1", "localhost") and config.http.key is None:
        raise ConfigError(
            f"{folder / 'hub.toml'}: http.host {config.http.host} is not loopback: give"
            " http.certificate and http.key as well"
        )
    return config


def code_tables(by_source: Mapping[str, Mapping[str, str]], path: Path) -> Codes:
    """The codes that `path` says.  Raises: ConfigError."""
    try:
        return Codes(by_source)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None


_NESTED = {
    "http": Http,
    "rabbitmq": RabbitMq,
    "soap": Soap,
    "retry": Retry,
    "replies": Replies,
    "get": Get,
    "replay": Replay,
    "history": History,
    "historian": Historian,
    "public": Public,
    "schemas": Schemas,
}


def _check_nested(table: Mapping[str, Any], path: Path) -> None:
    for name, nested in _NESTED.items():
        check_keys(nested, table.get(name, {}), path, f"{name}.")
    for partner in table.get("partners", ()):
        check_keys(Partner, partner, path, "partners.")
    for name, dialect in table.get("dialects", {}).items():
        check_keys(Strictness, dialect, path, f"dialects.{name}.")
    for name, feed in table.get("feeds", {}).items():
        check_keys(Feed, feed, path, f"feeds.{name}.")
        for way, nested in (("sftp", Sftp), ("database", Database)):
            check_keys(nested, feed.get(way, {}), path, f"feeds.{name}.{way}.")
