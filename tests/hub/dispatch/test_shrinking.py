"""What is cut off a snapshot is not gone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from cim.message import Outgoing
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel
from hub.dispatch import Hub
from hub.dispatch.taken import Refused
from hub.dispatch.window import Window
from hub.journal import Journal
from hub.model_file import ModelFile, identity
from tests.cim.network.drawing import CIM, HEAD


def snapshot(points: int, first: int = 0, moved: int = 0) -> bytes:
    """Usage points from number `first` on, and a location whose identity follows from `moved`."""
    parts = [
        f'<cim:UsagePoint rdf:about="urn:uuid:{uuid.UUID(int=n + 1)}">'
        f"<cim:IdentifiedObject.name>{n}</cim:IdentifiedObject.name></cim:UsagePoint>"
        for n in range(first, first + points)
    ]
    for n in range(5):
        place = uuid.UUID(int=10_000 * (moved + 1) + n)
        parts.append(f'<cim:Location rdf:about="urn:uuid:{place}"/>')
    return f"{HEAD.format(cim=CIM)}{''.join(parts)}</rdf:RDF>".encode()


@dataclass(frozen=True)
class Snapshot(ModelFile):
    is_counted: bool = False


class Cis:
    """An adapter of such files."""

    def read(self) -> Iterator[Sequence[Snapshot]]:
        return iter(())

    def records(self, name: str, data: bytes) -> Sequence[Snapshot]:
        model = NetworkModel(mrid=identity("cis"), profile=("urn:p",), document=RdfXml(data))
        return [Snapshot(name, data, (model,), is_counted="counted" in name)]

    def to_cim(self, record: Snapshot) -> list[Outgoing]:
        return [record.outgoing()]


@pytest.fixture
def hub(journal: Journal) -> Hub:
    return Hub(journal, {}, windows={"cis": Window(keeps=0.9)})


def take(hub: Hub, data: bytes, name: str = "a.csv") -> str:
    """Why it was refused; nothing when it was taken."""
    [result] = hub.take("cis", Cis(), Cis().records(name, data)).results
    return str(result.refusal) if isinstance(result, Refused) else ""


def test_a_snapshot_that_was_cut_short_removes_nothing(hub: Hub) -> None:
    assert take(hub, snapshot(30)) == ""
    said = take(hub, snapshot(26))
    assert "would take 4 of 30 UsagePoint out of the model" in said
    assert "[feeds.cis] keeps, now 0.9" in said
    assert hub.live.catch_up().knows(str(uuid.UUID(int=30)))


def test_a_small_share_may_be_gone(hub: Hub) -> None:
    assert take(hub, snapshot(30)) == ""
    assert take(hub, snapshot(27)) == ""
    assert not hub.live.catch_up().knows(str(uuid.UUID(int=30)))
    assert take(hub, snapshot(400)) == ""


def test_others_in_their_place_do_not_hide_what_is_gone(hub: Hub) -> None:
    assert take(hub, snapshot(30)) == ""
    assert "30 of 30 UsagePoint" in take(hub, snapshot(30, first=500))


def test_one_of_few_may_go_and_what_follows_from_places_may_change(hub: Hub) -> None:
    assert take(hub, snapshot(3)) == ""
    assert take(hub, snapshot(2, moved=1)) == ""


def test_a_file_that_counts_its_rows_is_believed(hub: Hub) -> None:
    assert take(hub, snapshot(30)) == ""
    assert take(hub, snapshot(3), "counted.csv") == ""


def test_without_a_share_all_may_go(journal: Journal) -> None:
    hub = Hub(journal, {}, windows={"cis": Window(keeps=0)})
    assert take(hub, snapshot(30)) == ""
    assert take(hub, snapshot(3)) == ""
