"""Small networks, what happens to them, and what is asked of them afterwards.

source - a =[x]= b =[y]= c: load, with usage point p
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import uuid4

from cim.message import Message, Verb
from cim.model import difference, write
from cim.model.header import DIFFERENCE, DM, MD, Header, Said
from cim.model.read import read
from cim.network import Network
from cim.profiles.identification import ConnectivityNode, PowerSystemResource
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    Ground,
    GroundAction,
    OperationalTag,
    TagAction,
    TagActionKind,
    TempEquipActionKind,
    Terminal,
)
from cim.profiles.switching_events import SwitchingEvent, SwitchingEvents
from hub.history.fold import At
from hub.journal import Journal, network_events, queries
from hub.journal.canonical import decode
from tests import fakes
from tests.cim.network.drawing import Drawing, event, model, moved

SWITCHES = ("x", "y")


def drawing(*, normally_open: str = "", opened: str = "") -> Drawing:
    drawn = Drawing().source("a")
    for switch, one, two in (("x", "a", "b"), ("y", "b", "c")):
        drawn.switch(
            switch, one, two, opened=switch == opened, normally_open=switch == normally_open
        )
    return drawn.consumer("load", "c").usage_point("p", "load")


def named(message: Message) -> Message:
    """The message with what the hub wants to know of it."""
    header = replace(message.header, message_id=str(uuid4()), source="test", timestamp=fakes.START)
    return replace(message, header=header)


def happen(journal: Journal, *messages: Message) -> list[int]:
    """Put messages into the journal; their seqs."""
    with journal.transaction() as transaction:
        seqs = transaction.accept([fakes.entry(named(message)) for message in messages])
    return [seq for seq in seqs if seq is not None]


def grid(mrid: str = "grid", **drawn: str) -> Message:
    """A model of it."""
    return model(mrid, drawing(**drawn).document())


def gone(mrid: str = "grid") -> Message:
    """The model is deleted."""
    return model(mrid, drawing().document(), verb=Verb.DELETED)


def changed(mrid: str, supersedes: str, *, opened: str, was: str = "") -> Message:
    """A difference model: another switch is open in the version that follows."""
    old, new = (read(drawing(opened=one).document()) for one in (was, opened))
    link = Said(f"{MD}Model.Supersedes", f"urn:uuid:{supersedes}", is_link=True)
    header = Header(f"urn:uuid:{mrid}", f"{DM}{DIFFERENCE}", (link,))
    document = write.difference(difference.between(old, new, header))
    return model(mrid, document, supersedes=[supersedes])


def served(of: str, kind: PSREventKind = PSREventKind.OUT_OF_SERVICE) -> Message:
    """Equipment goes out of service or comes back."""
    one = PSREvent(kind=kind, power_system_resource=PowerSystemResource(mrid=of))
    return event(Verb.CREATED, PSREvents(psrevent=(one,)))


def tagged(on: str, *, there: bool = True) -> Message:
    """A hold is hung on something, or taken off."""
    tag = OperationalTag(type="hold", power_system_resource=PowerSystemResource(mrid=on))
    kind = TagActionKind.PLACE if there else TagActionKind.REMOVE
    return _done(SwitchingEvent(tag_action=TagAction(kind=kind, operational_tag=tag)))


def grounded(node: str) -> Message:
    """A portable earth is fastened at a node."""
    terminal = Terminal(connectivity_node=ConnectivityNode(mrid=node))
    ground = Ground(mrid="ground-1", terminals=(terminal,))
    action = GroundAction(kind=TempEquipActionKind.PLACE, ground=ground)
    return _done(SwitchingEvent(ground_action=action))


def _done(one: SwitchingEvent) -> Message:
    return event(Verb.CREATED, SwitchingEvents(switching_event=(one,)))


def junk() -> Message:
    """A message that moves no network."""
    return fakes.message(fakes.last_gasp("p"))


def torn() -> Message:
    """A model that is none."""
    return model("grid", b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>")


def answers(network: Network) -> tuple[object, ...]:
    """What tells one network from another."""
    known = network.knows("x")
    places = sorted(network.nodes)
    return (
        [network.switch_closed(s) for s in SWITCHES] if known else [],
        [(network.energised_phases(p), network.earthed_phases(p)) for p in places],
        [network.upstream(p) for p in places],
        network.version,
        sorted(network.problems),  # after a snapshot they come kind by kind
        network.counts(),
        network.overlay,
    )


def folded(journal: Journal, until: int) -> Network:
    """The network after the first `until` messages, by the book."""
    network = Network.empty()
    with journal.reading() as connection:
        for _, body in network_events.following(connection, 0, until):
            network = network.after(decode(body))
    return network


def at(journal: Journal, seq: int) -> At:
    """The same, and how far it goes."""
    return At(seq, folded(journal, seq))


def switched(kind: str, *switches: str) -> Message:
    """Switches were opened or closed ("open", "close")."""
    return moved(kind, *switches)


def every_prefix(journal: Journal) -> Iterable[int]:
    """Each place in the journal, its beginning too."""
    with journal.reading() as connection:
        return range(queries.counts(connection).messages + 1)
