"""Systems that are known by their certificates, at the front door of a whole hub and beyond it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import httpx
import pytest
import trustme
from cryptography import x509

from cim.message import Format, Message
from hub.channels.soap.intake import SoapDelivery
from hub.channels.soap.partner import Partner, PartnerClient
from hub.config import load
from hub.journal import queries
from hub.main import Running
from hub.security import systems
from tests import fakes
from tests.soap_clients import PUBLISH, event, soap
from tests.soap_served import SCHEMAS, Served, System, serve

CONFIG = SCHEMAS.parent / "config"
NAME = "ami-head-end"


@dataclass(frozen=True)
class Keys:
    """An authority, and the files it has made."""

    authority: trustme.CA
    folder: Path

    def issue(self, name: str, *hosts: str) -> trustme.LeafCert:
        """A certificate, also written to `<name>.pem` and `<name>-key.pem`."""
        made = self.authority.issue_cert(*hosts, common_name=name, organization_name="Utility, Ltd")
        made.cert_chain_pems[0].write_to_path(self.folder / f"{name}.pem")
        made.private_key_pem.write_to_path(self.folder / f"{name}-key.pem")
        return made

    def trusting(self, shown: trustme.LeafCert | None) -> ssl.SSLContext:
        """What a client needs that trusts the authority and shows `shown`."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if shown is not None:
            shown.configure_cert(context)
        return context


@dataclass(frozen=True)
class House:
    """A running hub behind TLS, and one system that is registered by its certificate."""

    hub: Running
    keys: Keys
    system: trustme.LeafCert

    def client(self, shown: trustme.LeafCert | None) -> httpx.Client:
        return httpx.Client(
            base_url=self.hub.url, verify=self.keys.trusting(shown), trust_env=False, timeout=30
        )


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    keys = Keys(trustme.CA(), tmp_path_factory.mktemp("keys"))
    keys.authority.cert_pem.write_to_path(keys.folder / "ca.pem")
    keys.issue("hub", "127.0.0.1")
    return keys


@pytest.fixture(scope="module")
def oms(keys: Keys) -> Iterator[Served]:
    """A partner who knows others by the subjects of their certificates."""
    tls = {
        "certificate": keys.folder / "hub.pem",
        "key": keys.folder / "hub-key.pem",
        "client_ca": keys.folder / "ca.pem",
    }
    with serve(tls=tls, authenticate=lambda _, subject: subject and System(subject)) as served:
        yield served


@pytest.fixture(scope="module")
def house(keys: Keys, oms: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("config")
    (folder / "roles.toml").write_bytes((CONFIG / "roles.toml").read_bytes())
    (folder / "hub.toml").write_text(f"""
        name = "HUB-EAST"
        data = "{folder}/var"
        adapters = []
        [http]
        port = 0
        certificate = "{keys.folder}/hub.pem"
        key = "{keys.folder}/hub-key.pem"
        client_ca = "{keys.folder}/ca.pem"
        [[partners]]
        name = "oms"
        channel = "soap"
        url = "{oms.url}/soap"
        topics = ["created.EndDeviceEvents"]
        payload = "RDF"
        certificate = "{keys.folder}/hub.pem"
        key = "{keys.folder}/hub-key.pem"
        authority = "{keys.folder}/ca.pem"
    """)
    shown = keys.issue(NAME)
    with Running(load(folder, {}), {}) as hub:
        register(hub, shown)
        yield House(hub, keys, shown)


def register(hub: Running, shown: trustme.LeafCert) -> None:
    """As `gridbus system add ami-head-end --source AMI --certificate <subject>`."""
    subject = x509.load_pem_x509_certificate(shown.cert_chain_pems[0].bytes()).subject
    system = systems.named(NAME, certificate=subject.rfc4514_string(), sources=["AMI"])
    with hub.journal.transaction() as transaction:
        systems.add(transaction.connection, "test", system, hub.roles, datetime.now(UTC))


def publish(
    client: httpx.Client, source: str = "AMI", message_id: str | None = None
) -> httpx.Response:
    headers = {"content-type": "text/xml", "soapaction": PUBLISH}
    body = soap(event("M-1", source=source, message_id=message_id))
    return client.post("/soap", content=body, headers=headers)


def kept(house: House, message_id: str) -> queries.Detail | None:
    with house.hub.journal.reading() as connection:
        return queries.message(connection, message_id)


def test_a_system_is_known_by_its_certificate(house: House) -> None:
    with house.client(house.system) as client:
        published = publish(client, message_id="id-1")
        status = client.get("/api/v1/status")
        foreign = publish(client, source="SCADA", message_id="id-2")
    assert (published.status_code, ">OK<" in published.text) == (200, True)
    assert ">HUB-EAST<" in published.text
    assert status.status_code == 200
    assert (foreign.status_code, ">2.14<" in foreign.text) == (200, True)
    detail = kept(house, "id-1")
    assert detail is not None
    assert detail.row.principal == NAME
    assert kept(house, "id-2") is None


@pytest.mark.parametrize("name", [None, "ami-head-end-2"], ids=["none", "not registered"])
def test_without_a_registered_certificate_nobody_is_let_in(house: House, name: str | None) -> None:
    with house.client(house.keys.issue(name) if name else None) as client:
        published = publish(client)
        status = client.get("/api/v1/status")
    assert (published.status_code, ">7.2<" in published.text) == (401, True)
    assert status.status_code == 401


@pytest.mark.parametrize("path", ["/soap?wsdl", "/api/v1/status"])
def test_a_certificate_of_an_unknown_authority_is_turned_away(house: House, path: str) -> None:
    rogue = trustme.CA().issue_cert(common_name=NAME, organization_name="Utility, Ltd")
    with house.client(rogue) as client, pytest.raises(httpx.TransportError):
        client.get(path)


def partner(house: House, **shown: Path) -> PartnerClient:
    authority = house.keys.folder / "ca.pem"
    address = f"{house.hub.url}/soap"
    return PartnerClient(
        Partner(name="hub", address=address, schemas=SCHEMAS, authority=authority, **shown)  # type: ignore[arg-type]
    )


def test_the_hub_shows_its_certificate_to_a_partner(house: House) -> None:
    folder, sent = house.keys.folder, fakes.message(fakes.last_gasp("up-1"), source="AMI")
    shown = {"certificate": folder / f"{NAME}.pem", "key": folder / f"{NAME}-key.pem"}
    with closing(partner(house, **shown)) as client:
        client.send([sent])
    assert kept(house, sent.header.message_id or "") is not None


def test_a_configured_partner_is_told_who_the_hub_is(house: House, oms: Served) -> None:
    told = Event()

    def take(delivery: SoapDelivery) -> None:
        delivery.ack()
        content = delivery.content
        if isinstance(content, Message) and content.header.message_id == "to-oms":
            told.set()

    oms.hub.take = take
    with house.client(house.system) as client:
        publish(client, message_id="to-oms")
    assert told.wait(20)
    [delivery] = [d for d in oms.hub.taken if b">to-oms<" in d.body]
    assert delivery.principal.startswith("CN=hub,")
    assert isinstance(delivery.content, Message)
    assert delivery.content.format is Format.RDF


def test_a_partner_that_asks_for_a_certificate_is_not_there_without_one(house: House) -> None:
    sent = fakes.message(fakes.last_gasp("up-1"), source="AMI")
    with closing(partner(house)) as client, pytest.raises(ConnectionError, match="401"):
        client.send([sent])


def test_a_partner_of_another_authority_is_not_spoken_to(house: House, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    impostor = Partner(
        name="hub",
        address=f"{house.hub.url}/soap",
        schemas=SCHEMAS,
        authority=tmp_path / "other.pem",
    )
    with closing(PartnerClient(impostor)) as client:
        sent = fakes.message(fakes.last_gasp("up-1"), source="AMI")
        with pytest.raises(ConnectionError, match="certificate verify failed"):
            client.send([sent])
