"""Files of network models that no watch folder brings: from the command line, and over REST."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from cim.message import Outgoing
from cim.network.models import key_of
from hub import model_file
from hub.dispatch.hub import Hub
from hub.dispatch.taken import Refused
from hub.journal.known import brought_by
from hub.model_file import ModelFile

BROUGHT = "models.bring"
"""What the audit calls it when somebody puts models in force by hand."""

SOURCE = 60
"""Characters of a sender's name that are kept."""


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A file of models that the hub has taken.

    seq:      of its message.
    known:    whether the same was there already, from the same source, as that message.
    left_out: of its models that are not in force now, why; in sentences.
    """

    seq: int
    known: bool = False
    left_out: tuple[str, ...] = ()


def bring(hub: Hub, source: str, file: ModelFile, again: bool = False) -> Brought:
    """Take a file as a watch folder's would be: it is in the journal when this returns, and in
    force or left out.

    again: whether it is taken although the same came before: what it says is in force again.
    Raises: Refusal, and it is in quarantine; ValueError; the database's error.
    """
    if len(source) > SOURCE:
        raise ValueError(f"the source has {len(source)} characters, at most {SOURCE} are taken")
    [result] = hub.take(source, Files(again), [file]).results
    if isinstance(result, Refused):
        raise result.refusal
    known = result is None
    if result is None:
        with hub.journal.reading() as connection:
            result = brought_by(connection, source, file.outgoing().external_id or "")
    refused = hub.live.at_least(result).models.refused
    why = tuple(refused[key] for one in file.models if (key := key_of(one.mrid)) in refused)
    return Brought(seq=result, known=known, left_out=why)


@dataclass(frozen=True)
class Files:
    """Translates what is handed to `Hub.take` (`hub.interfaces.Adapter`); it reads nothing itself.

    anew: whether each is a fact of its own.
    """

    anew: bool = False

    def read(self) -> Iterator[Sequence[ModelFile]]:
        return iter(())

    def to_cim(self, record: ModelFile) -> Iterable[Outgoing]:
        outgoing = record.outgoing()
        yield replace(outgoing, external_id=str(uuid4())) if self.anew else outgoing

    def again(self, origin: str, data: bytes) -> Sequence[ModelFile]:
        """A file that was refused, read once more (`hub.interfaces.Rereading`)."""
        return [model_file.read(origin, data)]
