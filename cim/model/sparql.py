"""SPARQL over a model, read-only, for queries of people who are not trusted.

pyoxigraph evaluates, spoken to directly: behind rdflib's API (oxrdflib) every term would be turned
into an object of rdflib's and back, and its evaluator would take over, ten times slower, for what
the plugin does not hand down.  It runs in a process of its own with bounds on memory, processor
time and descriptors (`cim.model.asked`); a bound on the time by the clock is kept from here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Timer
from types import TracebackType
from typing import Any

from cim.model.asked import receive, send
from cim.model.header import DM, MD
from cim.model.model import RDF, Model, local_name
from cim.violation import Refusal

XSD = "http://www.w3.org/2001/XMLSchema#"
CIM = "http://iec.ch/TC57/CIM100#"
NOT_CARRIED_OUT = "5.2"
_SAFE = ("PATH", "LD_LIBRARY_PATH", "LANG", "SYSTEMROOT")  # of the environment; no secrets
_MEGABYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What one query may use.

    seconds:   by the clock, and of processor time; loading the model does not count.
    patience:  seconds in which the model must be loaded.
    rows:      of the answer; more are left out, and `Answer.cut` says so.
    bytes:     of the answer, likewise.
    megabytes: of address space, the loaded model included.
    length:    characters of the query.
    """

    seconds: float = 10.0
    patience: float = 120.0
    rows: int = 10_000
    bytes: int = 16 * _MEGABYTE
    megabytes: int = 4096
    length: int = 64 * 1024


Term = Mapping[str, str]
"""A term as in the JSON of SPARQL 1.1 results: type, value, datatype, xml:lang."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a query came to; exactly one of `verdict` (ASK), `rows` (SELECT) and `triples`.

    cut: whether there is more than was allowed.
    """

    variables: Sequence[str] = ()
    rows: Sequence[Mapping[str, Term]] | None = None
    triples: Sequence[tuple[Term, Term, Term]] | None = None
    verdict: bool | None = None
    cut: bool = False

    def as_json(self) -> dict[str, Any]:
        """SPARQL 1.1 Query Results JSON; of CONSTRUCT, which that does not cover, N-Triples."""
        if self.verdict is not None:
            return {"head": {}, "boolean": self.verdict}
        if self.triples is not None:
            return {"ntriples": "".join(map(_line, self.triples)), "cut": self.cut}
        results = {"bindings": list(self.rows or ())}
        return {"head": {"vars": list(self.variables)}, "results": results, "cut": self.cut}


def query(model: Model, text: str, bounds: Bounds | None = None) -> Answer:
    """Ask once.  Raises: Refusal, saying why a query is not carried out or was ended."""
    with Asking(model, bounds or Bounds()) as asking:
        return asking.ask(text)


@dataclass
class Asking:
    """A model in a process of its own, to be asked again and again; also a context manager.

    Predefined prefixes: rdf, xsd, md, dm, and cim for the namespace the model itself uses.
    """

    model: Model
    bounds: Bounds = field(default_factory=Bounds)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def ask(self, text: str) -> Answer:
        """Raises: Refusal."""
        if len(text) > self.bounds.length:
            raise _refusal(
                f"The query has {len(text)} characters; at most {self.bounds.length} are taken."
            )
        with self._lock:
            process = self._started()
            said = self._within(process, self.bounds.seconds, text.encode("utf-8", "replace"))
        if "refused" in said:
            raise _refusal(said["refused"])
        return Answer(
            variables=said.get("vars", ()),
            rows=said.get("rows"),
            triples=said.get("triples"),
            verdict=said.get("boolean"),
            cut=said.get("cut", False),
        )

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def __enter__(self) -> Asking:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _started(self) -> subprocess.Popen[bytes]:
        """The process, with the model loaded.  Raises: Refusal."""
        if self._process is not None:
            return self._process
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "cim.model.asked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _SAFE if name in os.environ}
            | {"OPENBLAS_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"},
        )
        told = {
            "memory": self.bounds.megabytes * _MEGABYTE,
            "seconds": self.bounds.seconds,
            "rows": self.bounds.rows,
            "bytes": self.bounds.bytes,
            "prefixes": _prefixes(self.model),
        }
        blocks = json.dumps(told).encode(), self.model.to_bytes()
        if "refused" in (said := self._within(process, self.bounds.patience, *blocks)):
            self.close()
            raise _refusal(said["refused"])
        return process

    def _within(
        self, process: subprocess.Popen[bytes], seconds: float, *blocks: bytes
    ) -> dict[str, Any]:
        """Send, and hear the answer in time; else the process is ended.  Raises: Refusal."""
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        is_late = Event()

        def end() -> None:
            is_late.set()
            process.kill()

        late = Timer(seconds, end)
        late.start()
        try:
            for block in blocks:
                send(process.stdin, block)
            said: dict[str, Any] = json.loads(receive(process.stdout))
        except (EOFError, BrokenPipeError):
            raise self._ended(process, seconds, is_late=is_late.is_set()) from None
        except BaseException:
            self.close()  # what else it says belongs to nobody
            raise
        finally:
            late.cancel()
        return said

    def _ended(self, process: subprocess.Popen[bytes], seconds: float, *, is_late: bool) -> Refusal:
        self.close()
        if is_late or process.returncode == -signal.SIGXCPU:
            return _refusal(f"It took longer than the {seconds:g} s it may take, and was ended.")
        return _refusal(
            f"It needed more than the {self.bounds.megabytes} MB it may use, or went too deep,"
            " and was ended."
        )


def _prefixes(model: Model) -> dict[str, str]:
    """The namespace in which the model has most of its properties is cim."""
    counts: dict[str, int] = {}
    for name in model.names:
        namespace = name[: len(name) - len(local_name(name))]
        if namespace != RDF:
            counts[namespace] = counts.get(namespace, 0) + 1
    cim = max(counts, key=lambda namespace: counts[namespace], default=CIM)
    return {"cim": cim, "rdf": RDF, "md": MD, "dm": DM, "xsd": XSD}


def _refusal(sentence: str) -> Refusal:
    return Refusal.of(NOT_CARRIED_OUT, sentence)


def _line(triple: tuple[Term, Term, Term]) -> str:
    return f"{' '.join(map(_written, triple))} .\n"


def _written(term: Term) -> str:
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] != "literal":
        return f"_:{term['value']}"
    quoted = json.dumps(term["value"], ensure_ascii=False)
    if language := term.get("xml:lang"):
        return f"{quoted}@{language}"
    return f"{quoted}^^<{term['datatype']}>" if "datatype" in term else quoted
