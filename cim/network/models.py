"""The models in force: which documents there are, which replaced which, which could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cim.network import document
from cim.network.statements import Statements
from cim.network.texts import mrid_key
from cim.profiles.network_models import NetworkModel
from cim.violation import Refusal


@dataclass(frozen=True)
class Models:
    """Documents by model mRID, in order of arrival.

    mrids:   the key of a model, and its mRID as it came.
    read:    what each says.
    refused: why a model was left out, until it comes again and can be read.
    """

    mrids: dict[str, str] = field(default_factory=dict)
    read: dict[str, Statements] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def plus(self, models: Iterable[NetworkModel]) -> Models:
        """These and `models`, each in place of its namesake and of those it supersedes.

        A model that cannot be read leaves everything as it was, but for the problem it is.
        """
        mrids, read, refused = dict(self.mrids), dict(self.read), dict(self.refused)
        for model in models:
            key = mrid_key(model.mrid)
            try:
                statements = document.statements(model.document)
            except Refusal as refusal:
                refused[key] = f"Model {model.mrid} was left out: {refusal}"
                continue
            refused.pop(key, None)
            for old in (key, *(mrid_key(document.identity(mrid)) for mrid in model.supersedes)):
                mrids.pop(old, None)
                read.pop(old, None)
            mrids[key], read[key] = model.mrid, statements
        return Models(mrids, read, refused)

    def minus(self, models: Iterable[NetworkModel]) -> Models:
        """These without `models`."""
        gone = {mrid_key(model.mrid) for model in models}
        return Models(
            {key: mrid for key, mrid in self.mrids.items() if key not in gone},
            {key: statements for key, statements in self.read.items() if key not in gone},
            {key: sentence for key, sentence in self.refused.items() if key not in gone},
        )
