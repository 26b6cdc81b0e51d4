"""Differences and sets on their way: through the journal, as RDF and as XML, into the network."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from cim import envelope
from cim.message import Format, Header, Kind, Message, Verb
from cim.model import difference, write
from cim.model.header import DIFFERENCE, DM, MD, Said
from cim.model.header import Header as ModelHeader
from cim.model.read import read
from cim.network import Network
from cim.parse import MODEL
from cim.profiles.network_models import NetworkModels
from hub import model_file
from hub.journal.canonical import decode, encode_checked
from tests.hub.history.story import answers, drawing

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def full() -> bytes:
    text = drawing().document().decode()
    return text.replace("\n", f'\n<md:FullModel rdf:about="urn:uuid:{ONE}"/>', 1).encode()


def change(supersedes: str = ONE) -> bytes:
    """Switch y is open in the version that follows."""
    link = Said(f"{MD}Model.Supersedes", f"urn:uuid:{supersedes}", is_link=True)
    header = ModelHeader(f"urn:uuid:{TWO}", f"{DM}{DIFFERENCE}", (link,))
    old, new = (read(drawing(opened=opened).document()) for opened in ("", "y"))
    return write.difference(difference.between(old, new, header))


def message(name: str, data: bytes) -> Message:
    outgoing = model_file.read(name, data).outgoing()
    header = Header(verb=Verb.CREATED, noun="NetworkModels", message_id=name)
    return Message(header=header, kind=Kind.EVENT, payload=outgoing.payload)


def sent(one: Message, format: Format, *, compress: bool) -> Message:
    """The message as a partner or the broker hands it on."""
    read_back = envelope.read(envelope.write(one, format=format, compress=compress), MODEL)
    assert isinstance(read_back, Message)
    return read_back


def test_the_same_file_by_another_profile_is_news() -> None:
    data = drawing().document()
    one, same, other = (
        model_file.read("a.xml", data, profile).outgoing().external_id
        for profile in ("urn:a", "urn:a", "urn:b")
    )
    assert one == same != other


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("compress", [True, False])
def test_a_difference_is_applied_however_it_travels(format: Format, compress: bool) -> None:
    network = Network.empty()
    for name, data in (("one.xml", full()), ("two.xml", change())):
        travelled = sent(message(name, data), format, compress=compress)
        network = network.after(decode(encode_checked(travelled)))
    assert network.problems == ()
    assert network.version == (TWO,)
    assert not network.switch_closed("y")
    assert network.energised_phases("b")
    assert not network.energised_phases("c")


@pytest.mark.parametrize("format", Format)
def test_a_difference_to_another_version_is_left_out_and_told(format: Format) -> None:
    network = Network.empty().after(message("one.xml", full()))
    other = sent(message("two.xml", change(supersedes=TWO)), format, compress=True)
    after = network.after(other)
    [problem] = after.problems
    assert problem.startswith(f"Model {TWO} was left out: It is a difference to {TWO}")
    assert answers(after)[:4] == answers(network)[:4]


def test_a_model_and_a_difference_to_it_may_come_in_one_file() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("b.xml", change())
        archive.writestr("a.xml", full())
    network = Network.empty().after(message("set.zip", packed.getvalue()))
    assert (network.problems, network.version) == ((), (TWO,))


@pytest.mark.parametrize("compress", [True, False])
def test_several_models_travel_as_xml_whatever_is_asked(compress: bool) -> None:
    """A document of IEC 61970-552 holds one model; in XML each is a document of its own."""
    models = [model_file.read(f"{n}.xml", full()).models[0] for n in "ab"]
    several = NetworkModels(network_model=(models[0], replace(models[1], mrid=TWO)))
    one = message("a.xml", full())
    travelled = sent(replace(one, payload=several), Format.RDF, compress=compress)
    assert travelled.format is Format.XML
    assert isinstance(travelled.payload, NetworkModels)
    assert [m.mrid for m in travelled.payload.network_model] == [ONE, TWO]


@pytest.mark.parametrize("header", [True, False])
def test_a_large_file_says_the_same_as_a_small_one(header: bool) -> None:
    small = full() if header else drawing().document()
    large = small.replace(b"</rdf:RDF>", b" " * (1 << 20) + b"</rdf:RDF>")
    one, other = (model_file.read("a.xml", data).models[0] for data in (small, large))
    assert replace(other, document=one.document) == one
    nothing = large[: large.index(b"<cim:")] + large[large.index(b"      ") :]
    with pytest.raises(ValueError, match=r"a.xml: The document describes nothing"):
        model_file.read("a.xml", nothing)
