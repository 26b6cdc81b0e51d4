"""A control on its way to a head-end while the hub is killed: it is never sent again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from cim.message import Message, Verb
from cim.profile import Reference
from cim.profiles.end_device_controls import EndDevice, EndDeviceControl, EndDeviceControls
from cim.profiles.identification import Name
from hub.channels.soap.partner import Partner, PartnerClient
from hub.main.outlets import SCHEMAS
from tests import fakes
from tests.head_end import listening
from tests.installed import Site, until

HUB = 'adapters = ["ami"]\napps = []\n[http]\nport = 0\n'


def disconnect() -> Message:
    one = EndDeviceControl(
        end_device_control_type=Reference("3.31.0.23"),
        end_devices=(EndDevice(names=(Name(name="m-1"),)),),
    )
    payload = EndDeviceControls(end_device_control=(one,))
    noun = "EndDeviceControls"
    return fakes.message(payload, Verb.CREATE, message_id="C-1", noun=noun, source="oms")


@contextmanager
def asking(url: str, token: str) -> Iterator[None]:
    """Somebody asks for a control, and waits for the answer."""
    partner = Partner(name="hub", address=f"{url}/soap", schemas=SCHEMAS, token=token)
    client = PartnerClient(partner)

    def ask() -> None:
        with suppress(ConnectionError):  # the hub is killed meanwhile
            client.send([disconnect()])

    thread = Thread(target=ask)
    thread.start()
    yield
    thread.join()
    client.close()


@pytest.mark.fault
def test_a_control_that_was_on_its_way_at_a_power_cut_is_unknown(site: Site) -> None:
    with listening() as head_end:
        head_end.says = -1
        out = f'[out]\nways = ["http"]\nurl = "{head_end.url}"\n'
        out += '[out.actions]\n"3.31.0.23" = { native = "OFF" }\n'
        site.configure(HUB, ami=out)
        hub, url = site.serve()
        with asking(url, site.add_system("oms", "--role", "OPERATOR")):
            until(lambda: head_end.got, "the head-end has it", pace=0.02)
            hub.kill9()
        head_end.says = 204
        # The hub that goes on may be on another machine: it has the database, and no file of this.
        site.configure(HUB, ami='folder = "elsewhere"\n' + out)
        hub, _ = site.serve()
        until(lambda: site.status()["counts"]["dead"], "it is given up")
        shown = site.run("message", "show", "1").out
        assert "UNKNOWN whether C-1-1 was carried out: the hub ended while it was sent" in shown
        assert site.run("message", "replay", "1", "--reason", "try").code == 0
        until(lambda: site.status()["counts"]["dead"], "it is given up again")
        assert head_end.identities == ["C-1-1"]
        assert hub.terminate() == 0
        assert site.run("audit", "verify").code == 0
