"""One machine, no broker: the hub as a process on SQLite, killed, refused, asked to stop."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.cim.network.drawing import HEAD, Drawing
from tests.installed import Rest, Site, until
from tests.soap_clients import MESSAGE, soap

CONFIG = "[http]\nport = 0\n"
ROWS = 6_000
MALFORMED = 20
HOUSES = 4_000
HEADER = "meter_number,event_time,event_code\n"


def rest_of(site: Site, url: str) -> Rest:
    return site.rest(url, site.add_system("ops", "--source", "AMI"))


def last_gasps(*meters: str) -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")  # no outage begins with old news
    rows = (f"{meter},{now},3.26.0.85\n" for meter in meters)
    return HEADER + "".join(rows)


def head_end_file() -> tuple[str, int]:
    """A large file, and how many of its rows can be read."""
    rows = [f"M-{n},2026-03-01T12:{n % 60:02}:00Z,3.26.0.85" for n in range(ROWS)]
    for n in range(0, ROWS, ROWS // MALFORMED):
        rows[n] = rows[n].replace("2026-03-01", "1 March")
    return HEADER + "\n".join(rows) + "\n", ROWS - MALFORMED


@pytest.mark.fault
def test_a_file_that_was_being_taken_at_a_power_cut_is_taken_once(site: Site) -> None:
    site.configure(CONFIG)
    content, good = head_end_file()
    hub, url = site.serve()
    rest = rest_of(site, url)
    done = site.drop("ami", "storm.csv", content)
    until(lambda: rest.get("status")["messages"], "some rows are in the journal", pace=0.02)
    hub.kill9()
    assert 0 < site.status()["counts"]["messages"] <= good

    hub, url = site.serve()
    until(done.exists, "the file is in done/")
    rest = rest_again(site, url)
    messages = site.messages("--noun", "EndDeviceEvents")
    found = (rest.get(f"messages/{message['seq']}") for message in messages)
    taken = Counter(event for message in found for event in message["mentions"])
    assert (len(taken), set(taken.values())) == (good, {1})
    held = site.run("quarantine", "list", "--json", "--limit", "1000").data
    assert len({item["origin"] for item in held}) == len(held) == MALFORMED
    assert {item["reason"].partition("event_time")[2][:9] for item in held} == {" '1 March"}
    until(lambda: not site.status()["counts"]["accepted"], "the app has taken everything")
    assert hub.terminate() == 0
    assert "Traceback" not in hub.said


def street_of(houses: int) -> bytes:
    """A long street: a breaker, then a line and a house after the other."""
    street = Drawing().source("n0").switch("CB1", "n0", "n1")
    for n in range(1, houses + 1):
        street.line(f"line {n}", f"n{n}", f"n{n + 1}").consumer(f"house {n}", f"n{n + 1}")
    document = HEAD.format(cim=street.cim) + "\n".join(street.objects) + "</rdf:RDF>"
    return document.encode()


@pytest.mark.fault
def test_a_network_that_was_being_loaded_at_a_power_cut_is_loaded(site: Site) -> None:
    site.configure(CONFIG)
    done = site.drop("gis", "street.xml", street_of(HOUSES))
    hub, _ = site.serve()
    hub.kill9()
    assert not done.exists()

    hub, url = site.serve()
    rest = rest_of(site, url)
    until(done.exists, "the file is in done/")
    assert rest.get("status")["network"]["EnergyConsumer"] == HOUSES
    [model] = site.messages("--noun", "NetworkModels")
    assert model["source"] == "gis"
    hub.kill9()

    _, url = site.serve()
    rest = rest_again(site, url)
    assert rest.get("status")["network"]["EnergyConsumer"] == HOUSES
    assert site.messages("--noun", "NetworkModels") == [model]


def rest_again(site: Site, url: str) -> Rest:
    return site.rest(url, site.run("system", "renew", "ops").out.strip())


def test_one_hub_a_data_folder(site: Site) -> None:
    site.configure(CONFIG)
    hub, _ = site.serve()
    second = site.run("serve")
    assert (second.code, second.out) == (2, "")
    last = second.err.splitlines()[-1]
    assert last.startswith("gridbus: var: the hub with process id ")
    assert "Traceback" not in second.err
    assert hub.terminate() == 0


def test_it_stops_when_asked_whoever_is_connected(site: Site) -> None:
    site.configure(CONFIG)
    hub, url = site.serve()
    place = urlsplit(url)
    token = site.add_system("ami", "--source", "AMI")
    body = f"POST /soap HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    body += "SOAPAction: x\r\nContent-Type: text/xml\r\nContent-Length: 99\r\n\r\n<s:"
    starts = (b"GET / HTTP/1.1\r\nHost: x\r\n", body.encode())
    with ExitStack() as stack:
        clients = []
        for start in starts:
            client = socket.create_connection((place.hostname, place.port), 10)
            clients.append(stack.enter_context(client))
            client.sendall(start)
        httpx.get(f"{url}/login")  # what was sent before was read before
        assert hub.terminate() == 0
        assert "Traceback" not in hub.said
        assert clients[1].recv(100).startswith(b"HTTP/1.1 503 ")


def test_what_a_user_asks_while_it_runs(site: Site, street: Path) -> None:
    site.configure(CONFIG)
    hub, url = site.serve()
    rest = rest_of(site, url)
    for feed, name in (("gis", "network.xml"), ("cis", "service-points.csv")):
        until(site.drop(feed, name, (street / name).read_bytes()).exists, f"{name} is taken")
    site.drop("ami", "gasps.csv", last_gasps("M-5", "M-6", "M-7"))
    [outage] = until(rest.outages, "an outage")
    assert (outage["device_name"], outage["customers"]) == ("F2", 4)

    [told] = site.messages("--noun", "UnplannedOutages", "--mrid", outage["mrid"])
    shown = site.run("message", "show", str(told["seq"]))
    assert shown.code == 0
    assert told["message_id"] in shown.out
    body = site.run("message", "show", told["message_id"], "--body").out
    assert outage["mrid"] in body
    (site.folder / "told.xml").write_text(body)
    (site.folder / "broken.xml").write_text(body.replace("<Verb>created", "<Verb>made"))
    valid = site.run("validate", "told.xml", "broken.xml")
    assert valid.code == 1
    first, second = valid.out.splitlines()
    assert first == "told.xml: valid, EventMessage created UnplannedOutages"
    assert second.startswith("broken.xml: ")
    assert "made" in second
    assert hub.terminate() == 0


class Partner:
    """A system that takes messages over SOAP; refuses them all while it is broken."""

    def __init__(self) -> None:
        self.broken = True
        self.taken: list[bytes] = []

    def answer(self, body: bytes) -> bytes:
        if self.broken:
            result = "<Result>FAILED</Result><Error><code>2.12</code><level>FATAL</level>"
            result += "<reason>We have no such meter.</reason></Error>"
        else:
            self.taken.append(body)
            result = "<Result>OK</Result>"
        header = "<Header><Verb>reply</Verb><Noun>EndDeviceEvents</Noun></Header>"
        message = f'<ResponseMessage xmlns="{MESSAGE}">{header}<Reply>{result}</Reply>'
        return soap(f"{message}</ResponseMessage>".encode())


@contextmanager
def listening(partner: Partner) -> Iterator[str]:
    """The partner's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = partner.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/soap"
    server.shutdown()
    server.server_close()


PARTNER = """
[retry]
attempts = 2
first = 0.2

[[partners]]
name = "oms"
channel = "soap"
url = "{url}"
topics = ["created.EndDeviceEvents"]
"""


def test_a_dead_letter_is_replayed_when_the_partner_is_mended(site: Site) -> None:
    partner = Partner()
    with listening(partner) as url:
        site.configure(CONFIG + PARTNER.format(url=url))
        hub, _ = site.serve()
        site.drop("ami", "gasps.csv", last_gasps("M-1"))
        until(lambda: site.status()["counts"]["dead"], "a dead letter")
        assert site.run("status").code == 1
        [dead] = site.messages("--state", "dead")
        [oms] = [d for d in deliveries(site, dead["seq"]) if d["subscriber"] == "oms"]
        assert "We have no such meter." in oms["error"]

        partner.broken = False
        replay = ("message", "replay", str(dead["seq"]))
        assert site.run(*replay).code == 2  # a reason is wanted
        again = site.run(*replay, "--reason", "oms knows the meter now")
        assert (again.code, again.err) == (0, f"Message {dead['seq']} goes to oms again.\n")
        until(lambda: site.status()["counts"]["accepted"] == 0, "it is delivered")
        assert {d["state"] for d in deliveries(site, dead["seq"])} == {"delivered"}
        [taken] = partner.taken
        assert dead["message_id"].encode() in taken
        late = site.run(*replay, "--reason", "once more")
        assert (late.code, late.out) == (2, "")
        assert hub.terminate() == 0
    verified = site.run("audit", "verify")
    assert verified.code == 0


def deliveries(site: Site, seq: int) -> list[dict[str, Any]]:
    """What became of a message at each of its subscribers."""
    shown = site.run("message", "show", str(seq), "--json").data
    return list(shown["message"]["deliveries"])


def test_commands_before_the_first_start(site: Site) -> None:
    """There is nothing to ask yet, but an account may be made."""
    site.configure(CONFIG)
    asked = site.run("status")
    assert (asked.code, asked.out) == (2, "")
    assert f"there is no hub in {site.folder / 'var'}" in asked.err
    token = site.add_system("ami", "--source", "AMI")
    _, url = site.serve()
    assert site.rest(url, token).get("status")["messages"] == 0
