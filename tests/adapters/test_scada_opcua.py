"""OPC UA over real connections, to a simulated server in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from adapters.scada import nodes, table
from adapters.scada.lines import Rtu as RtuSettings
from adapters.scada.opcua_trust import trust
from adapters.scada.quality import FINE, Flag
from hub.rows import Dialect
from tests.adapters.rtus import Rtus, reading

OLD = {Flag.OLD_DATA}
FAILURE = frozenset({Flag.FAILURE})
WRONG = ("nowhere", "polled nowhere", "elsewhere", "text")
SCRIPT = """
[[rtu]]
name = "plc"
protocol = "opcua"
certificate = "{0}/server.pem"
key = "{0}/server.key"
value = [
    {{ table = "node", address = 1, data = "bool", start = 1 }},
    {{ table = "node", address = 2, data = "uint16", start = 2 }},
    {{ table = "node", address = 3, data = "float64", start = 1.5 }},
    {{ table = "node", address = 4, data = "float32", start = 2.5, quality = ["substituted"] }},
    {{ table = "node", address = 5, data = "int32", start = -7 }},
    {{ table = "node", address = 6, data = "uint32", start = 70000 }},
    {{ table = "node", address = 7, data = "float64", slope = 100, high = 1000 }},
]
"""


def certificate(folder: Path, name: str, uri: str) -> None:
    """Self-signed, and its key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    found = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), False)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(found.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("opcua")
    certificate(found, "server", "urn:freeopcua:python:server")
    certificate(found, "hub", "urn:gridbus:hub")
    return found


@pytest.fixture(scope="module")
def plc(folder: Path) -> Iterator[Rtus]:
    with Rtus(folder, SCRIPT.format(folder)) as found:
        yield found


def point(number: int, name: str = "", **said: str) -> dict[str, str]:
    usual = {"kind": "Analog", "type": "node", "address": f"ns=2;i={number}", "rtu": "plc"}
    return {**usual, "name": name or f"n{number}", **said}


def reached(plc: Rtus, **said: Any) -> dict[str, Any]:
    usual = {"protocol": "opcua", "addresses": [url(plc)], "publishing": 0.02, "sampling": 0.0}
    return {"plc": usual | said}


def url(plc: Rtus) -> str:
    return f"opc.tcp://{plc.where['plc']}/gridbus"


def test_values_times_and_qualities_are_told_subscribed_and_polled(
    plc: Rtus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    states = {"state0": "open", "state1": "closed", "equipment": "_s"}
    rows = [
        point(1, kind="Discrete", **states),
        point(2, kind="Discrete"),
        point(3, gain="2", offset="1"),
        point(4, address="nsu=urn:gridbus:simulated-rtu;i=4"),
        point(5, group="slow"),
        point(6, kind="Accumulator"),
        point(99, "nowhere"),
        point(5, "polled nowhere", address="ns=2;s=nothing", group="slow"),
        point(1, "elsewhere", address="nsu=urn:nobody;i=1"),
        point(2259, "text", address="i=2255"),  # Server_NamespaceArray
    ]
    with reading(tmp_path, reached(plc), rows, groups={"slow": 0.02}) as read:
        read.until(lambda: len(read.told) == len(rows), "all values")
        bad = {name: read.told.pop(name)[0] for name in WRONG}
        assert {(told.value, told.flags) for told in bad.values()} == {(None, FAILURE)}
        first = {name: told[0] for name, told in read.told.items()}
        assert {name: told.value for name, told in first.items()} == {
            **{"n1": 1, "n2": 2, "n3": 4.0, "n4": 2.5, "n5": -7, "n6": 70000},
        }
        assert first["n1"].moves
        assert first["n4"].flags == {Flag.SUBSTITUTED}
        assert {told.flags for name, told in first.items() if name != "n4"} == {FINE}
        _changes(plc, read)
        link = read.link("plc")
        assert (link.losses, link.timeouts, link.malformed, link.overruns) == (0, 0, 0, 0)
        assert (link.objects > 8, link.unknown) == (True, 1)
        assert read.adapter.unreached() == {}
    assert link.refusals == {
        "nowhere at ns=2;i=99: BadNodeIdUnknown",
        "polled nowhere at ns=2;s=nothing: BadNodeIdUnknown",
        "elsewhere at nsu=urn:nobody;i=1: no such namespace",
    }
    assert "text at i=2255 is a String[], no number" in caplog.text


def _changes(plc: Rtus, read: Any) -> None:
    for number, name, value in ((3, "n3", 6.0), (5, "n5", 2.5 * 2)):
        before = datetime.now(UTC)
        plc.happen("plc", do="set", address=number, value=2.5 if number == 3 else 5, ago=1.5)
        told = read.until_told(name, value, FINE)
        # Of its own clock, in the past: never before what was told last.
        assert told.at >= before - timedelta(seconds=1.6)
    at = datetime.now(UTC)
    plc.happen("plc", do="set", address=1, value=0)
    told = read.until_told("n1", 0, FINE)
    assert told.moves
    assert at <= told.at <= datetime.now(UTC)
    for word, flags in (
        ("invalid", {Flag.FAILURE}),
        ("not_topical", OLD),
        ("overflow", {Flag.OUT_OF_RANGE}),
    ):
        plc.happen("plc", do="set", address=2, value=2, quality=[word])
        read.until_told("n2", 2, flags)


def test_a_lost_connection_makes_points_old_once_and_their_return_is_told(
    plc: Rtus, tmp_path: Path
) -> None:
    with reading(tmp_path, reached(plc), [point(6)]) as read:
        read.until_told("n6", 70000, FINE)
        plc.happen("plc", do="refuse")
        read.until_told("n6", 70000, OLD)
        assert "plc" in read.adapter.unreached()
        plc.happen("plc", do="normal")
        read.until_told("n6", 70000, FINE)
        plc.happen("plc", do="drop")
        read.until(lambda: len(read.told["n6"]) == 5, "a second loss and return")
        assert [told.flags for told in read.told["n6"]] == [FINE, OLD, FINE, OLD, FINE]
        assert read.link("plc").losses == 2


def test_signed_and_encrypted_by_the_second_address(
    plc: Rtus, folder: Path, tmp_path: Path
) -> None:
    names = {"certificate": "hub.pem", "key": "hub.key", "authority": "server.pem"}
    secured = {key: str(folder / name) for key, name in names.items()}
    two = ["opc.tcp://127.0.0.1:1/", url(plc)]
    # 7 moves by itself: it is told of again and again.
    with reading(tmp_path, reached(plc, addresses=two, **secured), [point(7)]) as read:
        read.until(lambda: len(read.told.get("n7", [])) > 2, "values")
        link = read.link("plc")
        assert (link.failovers % 2, link.address) == (1, two[1])
    other = secured | {"authority": str(folder / "hub.pem")}
    with reading(tmp_path, reached(plc, **other), [point(7)]) as read:
        link = read.link("plc")
        read.until(lambda: "none of the authority" in link.why, "a refusal")
        read.until_told("n7", None, OLD)
        assert len(read.told["n7"]) == 1


def test_a_certificate_that_names_no_application_is_refused(folder: Path, tmp_path: Path) -> None:
    certificate(tmp_path, "bare", "urn:x")
    settings = RtuSettings(
        protocol="opcua",
        addresses=("opc.tcp://10.0.0.1:4840",),
        certificate=tmp_path / "bare.pem",
        key=tmp_path / "bare.key",
        authority=tmp_path / "none.pem",
    )
    with pytest.raises(ValueError, match=r"rtus.r: authority, certificate or key: .*none.pem"):
        trust("r", settings)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"addresses": ["127.0.0.1:4840"]}, "is not opc.tcp://host:port/path"),
        ({"addresses": ["opc.tcp://u:p@127.0.0.1:4840"]}, "is not opc.tcp://host:port/path"),
        ({"addresses": ["opc.tcp://10.0.0.1:4840/"]}, "is beyond this machine, where OPC UA"),
        ({"key": "k.pem"}, "rtus.plc: authority None goes with certificate and key"),
        ({"policy": "None"}, "policy 'None' is not known; known: Basic256Sha256, Aes128"),
        ({"publishing": -1.0}, "rtus.plc: publishing -1.0 is below 0"),
        ({"clock": 4}, "rtus.plc: clock 4 is a register, of Modbus"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start(
    tmp_path: Path, said: dict[str, Any], sentence: str
) -> None:
    rtu = {"addresses": ["opc.tcp://localhost:4840"], "protocol": "opcua", **said}
    with pytest.raises(ValueError, match=sentence), reading(tmp_path, {"plc": rtu}, []):
        pass


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (point(1, address="Bay1.Current"), "address 'Bay1.Current' is no NodeId, e.g. ns=2;s=Bay1"),
        (point(1, address="ns=65536;i=1"), "has a namespace index above 65535"),
        (point(1, address="i=4294967296"), "i=4294967296 is no number up to 4294967295"),
        (point(1, address="g=1-2"), "g=1-2 is no GUID"),
        (point(1, address="b=%"), "b=% is no base64"),
        (point(1, data="float32"), "data 'float32' and word_order are for Modbus"),
        (point(1, kind="Discrete", bit="1"), "bit '1' is of a Discrete in a register"),
        (point(1, type="holding", address="1", data="int16"), "is of Modbus, the RTU plc speaks"),
    ],
)
def test_a_point_that_cannot_be_stops_the_start(
    tmp_path: Path, row: dict[str, str], sentence: str
) -> None:
    rtu = {"addresses": ["opc.tcp://localhost:4840"], "protocol": "opcua"}
    with pytest.raises(ValueError, match=sentence), reading(tmp_path, {"plc": rtu}, [row]):
        pass


@pytest.mark.parametrize(
    "text",
    ["i=1", "ns=2;s=a;b=c", "ns=1;g=09087e75-8e5e-499b-954f-f2a9603db28a", "nsu=urn:x;b=TQ=="],
)
def test_node_ids_in_their_forms_are_read(text: str) -> None:
    assert nodes.wrong(text) == ""


def test_one_node_is_one_point() -> None:
    with pytest.raises(ValueError, match="is where the point a of this RTU lies, too"):
        table.read("p.csv", table.write([point(1, "a"), point(1, "b")]), Dialect(), {})


def test_without_the_extra_the_start_stops_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.scada.adapter.find_spec", lambda _: None)
    rtu = {"addresses": ["opc.tcp://localhost:4840"], "protocol": "opcua"}
    with (
        pytest.raises(ValueError, match=r"protocol opcua needs .* asyncua.* 'gridbus\[opcua\]'"),
        reading(tmp_path, {"plc": rtu}, []),
    ):
        pass
