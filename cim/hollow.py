"""NetworkModels without a tree of their documents, which are spliced in and cut out as bytes.

A document of tens of megabytes is a tree of hundreds.  So the elements around the documents are
written, read and checked with empty ones in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from cim import xml
from cim.cut import cut, root_name, root_of
from cim.parse import MODEL, NOT_VALID, parse
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModels
from cim.schema.names import RDF
from cim.violation import Refusal

_EMPTY = f'<rdf:RDF xmlns:rdf="{RDF}"/>'.encode()
_RDF = f"{RDF}\nRDF"
_CUT = f'<e:RDF xmlns:e="{RDF}"/>'.encode()
"""What `cut` leaves in the place of a document, once it has been parsed and written."""
_PATH = tuple(
    f"{NetworkModels.namespace}\n{tag}" for tag in ("NetworkModels", "NetworkModel", "Document")
)


def hollow(payload: NetworkModels) -> NetworkModels:
    """`payload` with an empty document in each model."""
    return filled(payload, [_EMPTY] * len(payload.network_model))


def filled(payload: NetworkModels, documents: Sequence[bytes]) -> NetworkModels:
    """`payload` with `documents` in its models, in their order.

    Raises: Refusal, when there is not one for each.
    """
    if len(documents) != len(payload.network_model):
        raise Refusal.of(NOT_VALID, "The Document of a NetworkModel holds something else than RDF.")
    models = zip(payload.network_model, documents, strict=True)
    return replace(payload, network_model=tuple(replace(m, document=RdfXml(d)) for m, d in models))


def written(payload: NetworkModels) -> Iterator[bytes | memoryview]:
    """The bytes of the XML of `payload`, in pieces; each document with its declarations only.

    Raises: Refusal, for a document that does not pass the gate or is no rdf:RDF.
    """
    # A prefix, because a document may hold names without a namespace, and would inherit a default.
    around = etree.tostring(xml.encode(hollow(payload), prefix="models"), encoding="UTF-8")
    first, *others = around.split(_EMPTY)
    yield first
    for model, other in zip(payload.network_model, others, strict=True):
        yield _root(model.document)
        yield other


def _root(document: bytes) -> memoryview:
    root = root_of(document, MODEL)
    if root.name != _RDF:
        local = root.name.rpartition("\n")[2]
        raise Refusal.of(NOT_VALID, f"A network model is an rdf:RDF, not {local}.")
    return root.text


def cut_out(data: bytes) -> tuple[bytes, list[bytes]]:
    """The XML of NetworkModels with empty documents, and the documents.

    Where they cannot be cut out, and where `data` is something else, it comes back as it is, with
    none.  Raises: Refusal.
    """
    return cut(data, MODEL, (*_PATH, _RDF))


@dataclass(frozen=True)
class Unpacked:
    """What came compressed as NetworkModels.

    document:  one that is RDF itself; empty when it is XML.
    around:    the XML, with empty documents where they could be cut out; None for RDF.
    documents: those that were.
    """

    document: bytes = b""
    around: etree._Element | None = None
    documents: Sequence[bytes] = field(default=(), repr=False)

    @classmethod
    def of(cls, data: bytes) -> Unpacked:
        """Raises: Refusal."""
        if root_name(data, MODEL) == _RDF:
            return cls(data)
        around, documents = cut_out(data)
        return cls(around=parse(around, MODEL), documents=documents)

    def written(self) -> Iterator[bytes]:
        """The bytes of it, whatever has been changed around the documents since.

        Raises: Refusal, when a document is gone.
        """
        if self.around is None:
            yield self.document
            return
        text = etree.tostring(self.around, encoding="UTF-8")
        first, *others = text.split(_CUT) if self.documents else [text]
        if len(others) != len(self.documents):
            raise Refusal.of(NOT_VALID, "A Document of a NetworkModel was left out.")
        yield first
        for document, other in zip(self.documents, others, strict=True):
            yield document
            yield other
