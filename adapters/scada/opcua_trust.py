"""Certificates of OPC UA: ours, and which servers are believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.scada.lines import Rtu


@dataclass(frozen=True)
class Trust:
    """certificate, key: ours (DER); `uri` is the name of this application in it."""

    certificate: bytes
    key: bytes
    uri: str
    authorities: Sequence[x509.Certificate]

    def checked(self, offered: bytes, host: str) -> bytes:
        """The server's certificate (DER), first of its chain.

        It is one of the authorities, or was issued by one for this host.
        Raises: ConnectionError when it is not, or not now.
        """
        length = int.from_bytes(offered[2:4]) + 4
        try:
            theirs = x509.load_der_x509_certificate(offered[:length])
        except ValueError as error:
            raise ConnectionError(f"the server's certificate is none: {error}") from None
        if not theirs.not_valid_before_utc <= datetime.now(UTC) <= theirs.not_valid_after_utc:
            raise ConnectionError("the server's certificate is not valid now")
        if theirs not in self.authorities and not self._has_issued(theirs, host):
            raise ConnectionError(
                "the server's certificate is none of the authority, nor issued by it for this host"
            )
        return offered[:length]

    def _has_issued(self, theirs: x509.Certificate, host: str) -> bool:
        return host in _hosts(theirs) and any(_is_issuer(one, theirs) for one in self.authorities)


def trust(name: str, rtu: Rtu) -> Trust | None:
    """What the settings name; None for a plain connection.  Raises: ValueError."""
    if rtu.certificate is None or rtu.key is None or rtu.authority is None:
        return None
    try:
        ours = x509.load_pem_x509_certificate(Path(rtu.certificate).read_bytes())
        key = load_pem_private_key(Path(rtu.key).read_bytes(), None)
        authorities = x509.load_pem_x509_certificates(Path(rtu.authority).read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"rtus.{name}: authority, certificate or key: {error}") from error
    if not (uris := _names(ours, x509.UniformResourceIdentifier)):
        raise ValueError(
            f"rtus.{name}: certificate {str(rtu.certificate)!r} has no URI among its alternative"
            " names: servers of OPC UA hold it against the name of the application"
        )
    return Trust(
        ours.public_bytes(serialization.Encoding.DER),
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        uris[0],
        authorities,
    )


def _is_issuer(authority: x509.Certificate, theirs: x509.Certificate) -> bool:
    try:
        if not authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        theirs.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return authority.not_valid_before_utc <= datetime.now(UTC) <= authority.not_valid_after_utc


def _hosts(certificate: x509.Certificate) -> set[str]:
    return {
        *_names(certificate, x509.DNSName),
        *(str(ip_address(one)) for one in _names(certificate, x509.IPAddress)),
    }


def _names(certificate: x509.Certificate, kind: type[x509.GeneralName]) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(one.value) for one in found.value if isinstance(one, kind)]
