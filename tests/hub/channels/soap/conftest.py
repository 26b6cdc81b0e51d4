"""A served SOAP channel, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.channels.soap.intake import SoapDelivery
from tests.soap_clients import PUBLISH, event, soap
from tests.soap_served import Served, serve


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with serve() as served:
        yield served


@pytest.fixture
def served(running: Served) -> Iterator[Served]:
    """The channel of the module, with a hub that has seen nothing yet.

    It lives on: whatever the test did, a good message is taken afterwards.
    """
    running.hub.taken.clear()
    running.hub.take = SoapDelivery.ack
    yield running
    running.hub.take = SoapDelivery.ack
    assert running.post(soap(event("M-after")), PUBLISH).status_code == 200
