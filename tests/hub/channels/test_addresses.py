"""Only what the configuration names may be sent to: no server-side request forgery."""

from __future__ import annotations

import pytest

from hub.channels.addresses import AMQP, Addresses, Place
from hub.config import ConfigError
from hub.partner_settings import Partner

OMS = Partner(name="oms", channel="soap", topics=(), url="https://oms.example/soap")
MDM = Partner(name="mdm", channel="rabbitmq", topics=(), queue="mdm.in")
ALLOW = ("http://10.0.0.7:8080/callbacks", "amqp:ops.replies")


@pytest.fixture
def addresses() -> Addresses:
    return Addresses([OMS, MDM], ALLOW, reserved=["ami.to.hub"], broker=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://oms.example/soap",
        "https://OMS.example:443/soap/",
        "https://oms.example/soap/replies?for=gridbus",
        "http://10.0.0.7:8080/callbacks/17",
    ],
)
def test_a_known_soap_address_is_taken_from_anybody(addresses: Addresses, url: str) -> None:
    assert addresses.place(url, "soap") == addresses.place(url, AMQP) == Place(url=url)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://169.254.169.254/latest/meta-data", "neither below the address of a partner"),
        ("http://oms.example/soap", "neither below"),
        ("https://oms.example:8443/soap", "neither below"),
        ("https://oms.example/soapbox", "neither below"),
        ("https://oms.example.evil.example/soap", "neither below"),
        ("https://oms.example@evil.example/soap", "must not name a user"),
        ("https://oms.example/soap/../admin", "must be plain"),
        ("https://oms.example/soap/%2e%2e/admin", "must be plain"),
        ("https://oms.example/soap#x", "must be plain"),
        ("https://oms.example\\@evil.example/soap", "evil|user|plain"),
        ("https://oms.example/so\nap", "unusual characters"),
        ("https://oms.example:port/soap", "no address"),
        ("https:///soap", "a host are needed"),
        ("file:///etc/passwd", "neither a SOAP address nor the name of a queue"),
        ("amqp://elsewhere/queue", "neither a SOAP address nor the name of a queue"),
        ("gridbus.app.outage.0", "a queue of the hub itself"),
        ("amqp:ami.to.hub", "a queue of the hub itself"),
        ("q" * 256, "neither a SOAP address"),
        ("https://oms.example/soap/" + "x" * 2_000, "at most 2000"),
    ],
)
def test_anything_else_is_not(addresses: Addresses, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        addresses.place(text, AMQP)


@pytest.mark.parametrize("name", ["mdm.in", "amqp:mdm.in", "amqp:ops.replies"])
def test_who_comes_by_soap_may_name_the_queues_of_the_configuration(
    addresses: Addresses, name: str
) -> None:
    assert addresses.place(name, "soap").queue == name.removeprefix("amqp:")


def test_who_comes_by_the_broker_may_name_his_own_queue(addresses: Addresses) -> None:
    assert addresses.place("anybody.replies", AMQP) == Place(queue="anybody.replies")
    with pytest.raises(ValueError, match="neither the queue of a partner"):
        addresses.place("anybody.replies", "soap")


def test_without_a_broker_there_are_no_queues() -> None:
    with pytest.raises(ValueError, match="has no broker"):
        Addresses([], ["amqp:ops"]).place("ops", AMQP)


def test_the_partner_of_an_address_is_known(addresses: Addresses) -> None:
    assert addresses.partner("https://oms.example/soap/replies") is OMS
    assert addresses.partner("http://10.0.0.7:8080/callbacks") is None


@pytest.mark.parametrize("entry", ["oms.example", "ftp://oms.example", "https://a@b/", "https://"])
def test_a_list_that_cannot_be_stops_the_start(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"replies\.allow"):
        Addresses(allow=[entry])
