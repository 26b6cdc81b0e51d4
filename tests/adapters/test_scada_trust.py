"""Which servers of OPC UA are believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from adapters.scada.opcua_trust import Trust

DAY = timedelta(days=1)
CURVE = ec.SECP256R1()
ROOT, OTHER, SERVER = (ec.generate_private_key(CURVE) for _ in range(3))
HOSTS = [x509.DNSName("plc"), x509.IPAddress(ip_address("10.0.0.7"))]


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def issued(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
    hosts: Sequence[x509.GeneralName] = (),
    days: int = 1,
) -> x509.Certificate:
    """By the authority named root, unless it is one itself."""
    until = datetime.now(UTC) + days * DAY
    made = x509.CertificateBuilder(
        named("root"), named(subject), key.public_key(), x509.random_serial_number()
    )
    made = made.not_valid_before(until - 3 * DAY).not_valid_after(until)
    made = made.add_extension(x509.BasicConstraints(ca, None), True)
    if hosts:
        made = made.add_extension(x509.SubjectAlternativeName(hosts), False)
    return made.sign(by, hashes.SHA256())


def verdict(
    offered: x509.Certificate, *authorities: x509.Certificate, host: str = "plc", more: bytes = b""
) -> str:
    """Why the server is not believed; "" when it is."""
    der = offered.public_bytes(Encoding.DER)
    try:
        found = Trust(b"", b"", "urn:x", authorities).checked(der + more, host)
    except ConnectionError as error:
        return str(error)
    assert found == der
    return ""


UNKNOWN = "the server's certificate is none of the authority, nor issued by it for this host"
AUTHORITY = issued("root", ROOT, ROOT, ca=True)
GOOD = issued("plc", SERVER, ROOT, hosts=HOSTS)


def test_the_server_s_own_certificate_and_one_issued_for_the_host_are_believed() -> None:
    assert verdict(GOOD, GOOD, host="anything") == ""
    assert [verdict(GOOD, AUTHORITY, host=host) for host in ("plc", "10.0.0.7")] == ["", ""]
    chain = AUTHORITY.public_bytes(Encoding.DER)
    assert verdict(GOOD, AUTHORITY, more=chain) == ""


@pytest.mark.parametrize(
    ("offered", "authority"),
    [
        (issued("plc", SERVER, ROOT), AUTHORITY),  # for no host
        (issued("plc", SERVER, ROOT, hosts=HOSTS[1:]), AUTHORITY),  # for another one
        (issued("plc", SERVER, OTHER, hosts=HOSTS), AUTHORITY),  # by one who says to be the same
        (GOOD, issued("root", ROOT, ROOT)),  # which is no authority
        (GOOD, issued("root", ROOT, ROOT, ca=True, days=-1)),  # whose time is over
    ],
)
def test_any_other_is_not(offered: x509.Certificate, authority: x509.Certificate) -> None:
    assert verdict(offered, authority) == UNKNOWN


@pytest.mark.parametrize("days", [-1, 4])
def test_one_that_is_not_valid_now_is_not(days: int) -> None:
    offered = issued("plc", SERVER, ROOT, hosts=HOSTS, days=days)
    assert verdict(offered, offered) == "the server's certificate is not valid now"


@pytest.mark.parametrize("offered", [b"", b"0\x82\0\1x", b"garbage"])
def test_bytes_that_are_none_are_not(offered: bytes) -> None:
    with pytest.raises(ConnectionError, match="the server's certificate is none: "):
        Trust(b"", b"", "urn:x", [AUTHORITY]).checked(offered, "plc")
