"""Headers for models that came without one; their identity follows from what they say."""

from __future__ import annotations

from uuid import UUID, uuid5

import numpy as np

from cim.model.header import Header
from cim.model.model import Model

_UNNAMED = UUID("0d3b2c1e-58f7-5c36-8a55-6c0b0f5d3e51")  # namespace of our version 5 UUIDs
_SEEDS = (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0)


def header_of(model: Model) -> Header:
    """The header of a model, or one with nothing but an identity: the same for the same statements.

    Neither their order nor the spelling of identities counts.  Who wants two models to have the
    same one can contrive them: it names a model and proves nothing.
    """
    return model.header or Header(uuid5(_UNNAMED, _digest(model)).urn)


def _digest(model: Model) -> str:
    from cim.model import interning

    columns = (model.subject, model.property, model.kind, model.object)
    tables = (model.ids, model.names, model.texts)
    found = []
    for seed in map(np.uint64, _SEEDS):
        codes = (interning.hashes(t.blob, t.ends, t.folded, seed) for t in tables)
        found.append(int(interning.sums(*columns, *codes)))
    return f"{len(model)} {found}"
