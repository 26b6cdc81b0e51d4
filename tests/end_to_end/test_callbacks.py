"""A system subscribes over REST and is called back, through a power cut of the hub."""

from __future__ import annotations

from contextlib import closing

import httpx

from tests import soap_clients as clients
from tests.installed import Site, until
from tests.listening import free_port, listening

TOPIC = "created.EndDeviceEvents"


def test_a_callback_misses_nothing(site: Site) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/events"
    site.configure(f'[http]\nport = 0\n[replies]\nallow = ["{address}"]\n')
    token = site.add_system("ami", "--source", "AMI")
    oms = {"Authorization": f"Bearer {site.add_system('oms')}"}
    hub, url = site.serve()
    given = {"url": address, "topics": [TOPIC]}
    made = httpx.post(f"{url}/api/v1/subscriptions", json=given, headers=oms, trust_env=False)
    assert made.status_code == 201
    with closing((client := clients.zeep_client(url, "", token)).transport.session):
        for meter in ("M-1", "M-2"):
            clients.create_events_generic(client, "AMI", meter)
    hub.kill9()
    subscriber = f"callback-{made.json()['id']}"
    backlog = {line["subscriber"]: line["accepted"] for line in site.status()["backlog"]}
    assert backlog[subscriber] == 2

    hub, url = site.serve()
    with closing((client := clients.zeep_client(url, "", token)).transport.session):
        clients.create_events_generic(client, "AMI", "M-3")
    rest = site.rest(url, token)

    def state() -> str | None:
        parts = rest.get("status")["components"]
        return next((c["state"] for c in parts if c["name"] == subscriber), None)

    until(lambda: state() == "waiting", "the hub says that it waits for it")
    with listening(port) as listener:
        until(lambda: len(listener.messages) == 3, "it is called three times")
        events = [m.payload.end_device_event[0] for m in listener.messages if m.payload]
        assert [e.assets.names[0].name for e in events] == ["M-1", "M-2", "M-3"]
    assert hub.terminate() == 0
