"""A file of network models, on its way into a message: from a watch folder, a command, a request.

A file is one message, whatever it holds: a set whose parts belong together, as CGMES has them, is
put in force in one step, and is acknowledged as a whole.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cim.message import Outgoing, Verb
from cim.model.archive import Archive, named
from cim.model.header import Header, bare
from cim.model.heading import heading
from cim.model.read import FAST, content
from cim.model.terms import key
from cim.profile import RdfXml, Reference
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.times import zoned
from cim.violation import Refusal

SUFFIXES = (".xml", ".rdf", ".zip", ".gz")
PROFILE = "http://iec.ch/TC57/CIM100"
_MODELS = uuid.UUID("8f0c3c1a-5c0e-5b4e-8a39-0d4f6e2f5b77")  # namespace of our version 5 UUIDs


@dataclass(frozen=True)
class ModelFile:
    """One file as it came, and the models in it (`hub.interfaces.Record`).

    remarks: sentences on what in it was passed over.
    """

    origin: str
    raw: bytes
    models: tuple[NetworkModel, ...]
    remarks: tuple[str, ...] = ()

    def outgoing(self) -> Outgoing:
        """The message that brings the models; the same models count once from one source."""
        digest = hashlib.sha256()
        for model in self.models:
            # The profile may come from the settings, and those may have been corrected.
            digest.update("\0".join((model.mrid, *model.profile)).encode())
            digest.update(model.document)
        payload = NetworkModels(network_model=self.models)
        whole = next((m.mrid for m in self.models if not m.supersedes), None)
        return Outgoing(Verb.CREATED, payload, external_id=digest.hexdigest(), state_of=whole)


def read(name: str, data: bytes, profile: str = PROFILE) -> ModelFile:
    """The file, once everything in it has passed the gate.

    profile: URI of the profile of documents whose header names none.
    Raises: Refusal naming file, line and rule.
    """
    archive = Archive(data, name)
    members = list(archive.members())
    alone = len(members) == 1
    models = [
        of_document(
            _called(name, "" if alone else member.name), member.name, member.document, profile
        )
        for member in members
    ]
    return ModelFile(name, data, tuple(_in_order(models)), tuple(archive.remarks))


def stem(name: str) -> str:
    """The name of a file without its endings: feeder.xml.gz, feeder.zip -> feeder."""
    path = Path(name)
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    return path.name


def _called(name: str, member: str) -> str:
    """What a model without header is called after: its file, and which of several it is in it."""
    return f"{stem(name)}/{stem(member)}" if member else stem(name)


def identity(called: str) -> str:
    """The mRID of a model without header that is called so."""
    return str(uuid.uuid5(_MODELS, called))


def of_document(called: str, origin: str, document: bytes, profile: str = PROFILE) -> NetworkModel:
    """One document; without a header in it its identity is what it is called.

    Raises: Refusal naming `origin`, line and rule.
    """
    try:
        header = _header(document) or Header("")
    except Refusal as refusal:
        raise named(refusal, origin) from None
    return NetworkModel(
        mrid=bare(header.identity) or identity(called),
        created=_moment(header.value("Model.created")),
        description=next(iter(header.values("Model.description")), f"{called} from a file"),
        profile=header.profiles or (profile,),
        version=next(iter(header.values("Model.version")), None),
        dependent_on=tuple(map(Reference, header.dependent_on)),
        document=RdfXml(document),
        supersedes=tuple(map(Reference, header.supersedes)),
    )


def _header(document: bytes) -> Header | None:
    """The header, once the document has passed the gate.

    Of a large one all is read, which is quicker, and its passing is remembered for who reads it
    next.
    """
    if len(document) < FAST:
        return heading(document)
    held = content(document)
    if held.header is not None and held.header.is_difference:
        return heading(document)
    if not len(held.model()):
        raise Refusal.of("1.8", "The document describes nothing.", line=1)
    return held.header


def _in_order(models: Sequence[NetworkModel]) -> Iterator[NetworkModel]:
    """Each behind those of the same file that it supersedes or depends on, else as they came."""
    waiting = {key(model.mrid): model for model in models}
    if len(waiting) < len(models):
        twice = next(m.mrid for m in models if waiting[key(m.mrid)] is not m)
        raise Refusal.of("1.8", f"The file holds the model {twice} twice.")
    while waiting:
        ready = [k for k, model in waiting.items() if not _needs(model) & (waiting.keys() - {k})]
        for k in ready or list(waiting):  # those that need one another stay as they came
            yield waiting.pop(k)


def _needs(model: NetworkModel) -> set[str]:
    return {key(bare(mrid)) for mrid in (*model.dependent_on, *model.supersedes)}


def _moment(text: str) -> datetime | None:
    """A time of the header; one without offset counts as UTC, one that cannot be read as none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return zoned(read)
