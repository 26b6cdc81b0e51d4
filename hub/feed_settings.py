"""`[feeds.<adapter>]` in `hub.toml`: what holds for all that an adapter brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, FilePath


@dataclass(frozen=True, kw_only=True)
class Sftp:
    """A folder of another machine whose files are fetched.

    host_key: of the server, as in known_hosts: "ssh-ed25519 AAAA...".
    password, key: one of both; `key` is a file with the private key.
    path:     the folder over there; `pattern`: of the names of files in it.
    done:     folder over there for what was fetched; "": it is removed.
    interval: seconds between two looks; a file is complete when two find it the same.
    most:     files that may wait here; the others stay there until the hub has taken some.
    """

    host: str
    host_key: str
    username: str
    port: Annotated[int, Field(ge=1, le=65_535)] = 22
    password: str = field(default="", repr=False)
    key: FilePath | None = None
    path: str = "."
    pattern: str = "*"
    done: str = "done"
    interval: Annotated[float, Field(gt=0)] = 30.0
    most: Annotated[int, Field(ge=1)] = 1_000


@dataclass(frozen=True, kw_only=True)
class Database:
    """A query of another system's database whose rows are files.

    url:      of SQLAlchemy; a user with the right to read is enough.
    query:    it selects rows whose key is larger than :since, ordered by it.
    key:      its column with the key, a number or text that grows with each row.
    start:    the key before the first row.
    overlap:  of a number, how far is looked back: rows whose transaction ended late are found;
              less than `rows`.
    rows:     in one file at most.
    trailer:  first field of a last row that counts the others, where the adapter wants one.
    interval: seconds between two questions.
    most:     files that may wait here; nothing is asked for until the hub has taken some.
    """

    url: str = field(repr=False)
    query: str
    key: str
    start: int | str = 0
    overlap: Annotated[int, Field(ge=0)] = 0
    name: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,60}$")] = "rows"
    rows: Annotated[int, Field(ge=1)] = 10_000
    trailer: str = ""
    interval: Annotated[float, Field(gt=0)] = 10.0
    most: Annotated[int, Field(ge=1)] = 100


@dataclass(frozen=True, kw_only=True)
class Http:
    """An address of another system's HTTP service whose answer is a file.

    url:      beyond loopback https only.  With `key`, {since} in it stands for the largest value of
              that property so far, as a time of ISO 8601 where it is one.
    token:    sent as a Bearer token, or in the header `header`, e.g. apikey; or `username` with
              `password`.
    authority: PEM file with whom the server's certificate must be signed; None: the usual ones.
    timeout:  seconds until an answer is given up.
    paging:   "odata" follows the pages of OData 2 and 4, "arcgis" those of a feature service,
              "maximo" those of Maximo's REST API; all pages are one file, a JSON list.  "": the
              answer is the file.
    pages:    at most.
    name, suffix: of the file.
    interval: seconds between two questions.
    most:     files that may wait here; nothing is asked for until the hub has taken some.
    """

    url: str
    token: str = field(default="", repr=False)
    header: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    authority: FilePath | None = None
    timeout: Annotated[float, Field(gt=0)] = 30.0
    paging: Literal["", "odata", "arcgis", "maximo"] = ""
    key: str = ""
    start: str = ""
    pages: Annotated[int, Field(ge=1)] = 10_000
    name: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,60}$")] = "pages"
    suffix: Annotated[str, Field(pattern=r"^\.[0-9a-z]{1,10}$")] = ".json"
    interval: Annotated[float, Field(gt=0)] = 60.0
    most: Annotated[int, Field(ge=1)] = 100


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What holds for the facts that an adapter brings; of time, for those that say when they were.

    late:  seconds after which one is late: it is taken, and marked; 0 for never.
    ahead: seconds that one may lie in the future, for clocks differ; what lies further goes to
           quarantine, and is sent again once the source's clock or `zone` is right; 0 for any.
    usual: seconds that the quickest of many take at most, else an alarm says that the clock of its
           source may be wrong.
    keeps: share of each class of objects that the model in force must still have when a snapshot
           takes its place, else the file is refused; 0: whatever is missing is gone.  A file that
           counts its rows itself is believed.
    sftp, database, http: from where files are brought into the adapter's folder, beside what is
           dropped.
    """

    late: Annotated[float, Field(ge=0)] = 86_400.0
    ahead: Annotated[float, Field(ge=0)] = 300.0
    usual: Annotated[float, Field(gt=0)] = 3_000.0
    keeps: Annotated[float, Field(ge=0, le=1)] = 0.9
    sftp: Sftp | None = None
    database: Database | None = None
    http: Http | None = None
