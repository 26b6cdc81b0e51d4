"""The process in which the SPARQL of strangers is answered: `python -m cim.model.asked`.

It gets a model and then queries over a pipe (`cim.model.sparql`).  Once the model is loaded it can
neither open a file or socket nor take more memory or processor time than it was told.  A query is
parsed first by rdflib, whose tree says what it wants; only what reads nothing but this model
reaches the evaluator.
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

_LENGTH = struct.Struct("<q")
_STORY = 300  # characters of what the evaluator has to say
_ANSWERED = ("SelectQuery", "AskQuery", "ConstructQuery")


def receive(pipe: IO[bytes]) -> bytes:
    """One block.  Raises: EOFError, when the other side has closed the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


def send(pipe: IO[bytes], data: bytes | memoryview) -> None:
    """One block."""
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


class RefusedQuery(ValueError):
    """A query that is not evaluated; the text is a sentence."""


@dataclass(frozen=True)
class Bounds:
    """What one query may use: seconds of processor, rows of the answer and bytes of it."""

    seconds: float
    rows: int
    bytes: int


def main() -> int:
    """Answer queries until the pipe is closed."""
    pipes = sys.stdin.buffer, sys.stdout.buffer
    told = json.loads(receive(pipes[0]))
    resource.setrlimit(resource.RLIMIT_AS, (told["memory"], told["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    bounds = Bounds(told["seconds"], told["rows"], told["bytes"])
    try:
        answering = Answering(receive(pipes[0]), told["prefixes"], bounds)
    except MemoryError:
        send(pipes[1], b'{"refused": "The model needs more memory than a query may use."}')
        return 1
    except Exception as error:
        # Nobody reads what a process that breaks says: it would be taken for one that was ended.
        size = f"the {told['memory'] >> 20} MB that a query may use"
        why = f"The model could not be loaded within {size}: {_named(error)}"
        send(pipes[1], json.dumps({"refused": why}).encode())
        return 1
    _close_the_doors()
    send(pipes[1], b"{}")
    while True:
        try:
            query = receive(pipes[0]).decode()
        except EOFError:
            return 0
        _allow(bounds.seconds)
        send(pipes[1], json.dumps(answering.said(query)).encode())


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:_STORY]


def _close_the_doors() -> None:
    """No more file descriptors than are open: no file, no socket."""
    first = os.dup(0)
    os.close(first)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first, first))


def _allow(seconds: float) -> None:
    """So much more processor time from now on, of all threads together; then SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    total = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (total, resource.RLIM_INFINITY))


class Answering:
    """One model, loaded to be asked."""

    def __init__(self, data: bytes, prefixes: dict[str, str], bounds: Bounds) -> None:
        # All that a query may need is imported here, before the doors close.
        from pyoxigraph import RdfFormat, Store
        from rdflib.plugins.sparql import parser

        from cim.model.model import Model
        from cim.model.triples import ntriples

        self._store = Store()
        for piece in ntriples(Model.from_bytes(data)):
            self._store.load(piece, RdfFormat.N_TRIPLES)
        self._parse = parser.parseQuery
        self._prefixes = prefixes
        self._heading = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes.items())
        self._bounds = bounds
        check(self._parse(f"{self._heading}ASK {{ ?s ?p ?o FILTER regex(str(?o), 'x') }}"))
        bool(self._query("ASK { ?s ?p ?o FILTER regex(str(?o), 'x') }"))

    def said(self, query: str) -> dict[str, Any]:
        """The answer, or {"refused": sentence}."""
        try:
            check(self._parsed(query))
            return self._answer(self._query(query))
        except RefusedQuery as refusal:
            return {"refused": str(refusal)}
        except MemoryError:
            return {"refused": "The query needs more memory than it may use."}
        except (SyntaxError, OSError, ValueError) as error:
            return {"refused": self._trouble(" ".join(str(error).split()))}
        except Exception as error:
            return {"refused": self._trouble(_named(error))}

    def _trouble(self, story: str) -> str:
        if "Prefix not found" in story:
            place = story.partition(":")[0]
            known = ", ".join(self._prefixes)
            return f"A prefix is not declared ({place}); {known} need no declaration."
        return f"The query cannot be carried out: {story[:_STORY]}"

    def _parsed(self, query: str) -> Any:
        from pyparsing import ParseBaseException

        try:
            return self._parse(self._heading + query)
        except RecursionError:
            raise RefusedQuery("The query is nested too deep.") from None
        except ParseBaseException as error:
            line = max(1, error.lineno - self._heading.count("\n"))
            raise RefusedQuery(
                "This is no SPARQL query that can be read (SELECT, ASK or CONSTRUCT);"
                f" line {line}, column {error.column}: {error.msg}."
            ) from None

    def _query(self, query: str) -> Any:
        from cim.model.triples import BASE

        return self._store.query(query, base_iri=BASE, prefixes=self._prefixes)

    def _answer(self, result: Any) -> dict[str, Any]:
        from pyoxigraph import QueryBoolean, QuerySolutions

        if isinstance(result, QueryBoolean):
            return {"boolean": bool(result)}
        rows: Iterator[Any]
        if isinstance(result, QuerySolutions):
            names = [variable.value for variable in result.variables]
            rows = ({n: term(s[n]) for n in names if s[n] is not None} for s in result)
            return {"vars": names} | self._cut(rows, "rows")
        rows = ([term(t.subject), term(t.predicate), term(t.object)] for t in result)
        return self._cut(rows, "triples")

    def _cut(self, rows: Iterable[Any], name: str) -> dict[str, Any]:
        """As many rows as may be, and whether there are more."""
        taken: list[Any] = []
        size, rows = 0, iter(rows)
        for row in islice(rows, self._bounds.rows):
            size += len(json.dumps(row))
            if size > self._bounds.bytes:
                return {name: taken, "cut": True}
            taken.append(row)
        return {name: taken, "cut": next(rows, None) is not None}


def check(parsed: Any) -> None:
    """Raises: RefusedQuery for what reads anything but the model, or is no question."""
    kinds = {part.name for part in _parts(parsed)}
    if "ServiceGraphPattern" in kinds:
        raise RefusedQuery("SERVICE is not carried out: a query reads nothing but this model.")
    if "DatasetClause" in kinds:
        raise RefusedQuery("FROM is not carried out: a query reads nothing but this model.")
    if kinds.isdisjoint(_ANSWERED):
        raise RefusedQuery("Only SELECT, ASK and CONSTRUCT are answered.")


def _parts(parsed: Any) -> Iterator[Any]:
    """Every node of a tree of rdflib's parser that has a name; walked without recursion."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    left: list[Any] = [parsed]
    while left:
        part = left.pop()
        if isinstance(part, CompValue):
            yield part
            left.extend(part.values())
        elif isinstance(part, ParseResults | list | tuple | set):
            left.extend(part)


def term(value: Any) -> dict[str, Any]:
    """A term as in the JSON of SPARQL 1.1 results."""
    from pyoxigraph import BlankNode, Literal, NamedNode

    if isinstance(value, NamedNode):
        return {"type": "uri", "value": value.value}
    if isinstance(value, BlankNode):
        return {"type": "bnode", "value": value.value}
    if not isinstance(value, Literal):
        return {"type": "triple", "value": str(value)}
    said = {"type": "literal", "value": value.value}
    if value.language:
        return said | {"xml:lang": value.language}
    plain = value.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
    return said if plain else said | {"datatype": value.datatype.value}


if __name__ == "__main__":
    assert isinstance(sys.stdout, io.TextIOWrapper)  # noqa: S101
    sys.exit(main())
