"""The CIM RDF/XML form of a payload (IEC 61970-552), for every noun and without loss.

    <rdf:RDF>
      <n:EndDeviceEvents rdf:nodeID="_1">                            the noun, in its own namespace
        <n:EndDeviceEvents.EndDeviceEvent rdf:resource="urn:uuid:5d8a..."/>
      </n:EndDeviceEvents>
      <cim:EndDeviceEvent rdf:about="urn:uuid:5d8a...">              a class of the CIM
        <cim:IdentifiedObject.mRID>5d8a...</cim:IdentifiedObject.mRID>
      </cim:EndDeviceEvent>
    </rdf:RDF>

An object is named by its mRID where that is a UUID and the object stands in the message once;
otherwise it is a blank node, and its mRID, if any, is a literal all the same.  Enumerations and
by-reference elements are IRIs.  RDF knows no order: members of a list of two or more say theirs in
gridbus:position.  NetworkModels is the exception: its form is the model's own document.
"""

from __future__ import annotations

from lxml import etree

from cim.parse import MESSAGE, Limits, parse
from cim.profile import Profile
from cim.profiles.network_models import NetworkModels
from cim.rdf import model
from cim.rdf.build import build
from cim.rdf.flat import flat
from cim.rdf.model import read, written
from cim.rdf.nodes import Nodes
from cim.rdf.write import write

__all__ = ["decode", "decode_general", "encode", "read", "written"]


def encode(payload: Profile) -> etree._Element:
    """The rdf:RDF element of `payload`.

    Raises: Refusal, for several network models in one message; ValueError, when a text holds a
    character that XML cannot carry.
    """
    return model.encode(payload) if isinstance(payload, NetworkModels) else write(payload)


def decode(element: etree._Element, noun: type[Profile], *, partial: bool = False) -> Profile:
    """The `noun` in an rdf:RDF element, whatever shape of RDF/XML it has.

    partial: whether what is required may be missing below the noun (`cim.profile.Profile`).

    Raises: Refusal, naming class, subject and property: code 1.7 for one that is missing, 3.1 for
    too much, 1.8 for all else.
    """
    if noun is NetworkModels:
        return model.decode(element)
    nodes = flat(element)
    return build(_general(element) if nodes is None else nodes, noun, partial=partial)


def decode_general(data: bytes, noun: type[Profile], limits: Limits = MESSAGE) -> Profile:
    """The `noun` in RDF/XML bytes, read by the rules of rdflib.  Raises: Refusal, as `decode`."""
    root = parse(data, limits)
    return model.decode(root) if noun is NetworkModels else build(_general(root), noun)


def _general(root: etree._Element) -> Nodes:
    # rdflib takes a third of a second to import, and most hubs never meet a document that needs it.
    from cim.rdf.general import general

    return general(root)
