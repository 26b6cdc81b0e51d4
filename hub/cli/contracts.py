"""`gridbus contracts ...`: what a system must know to exchange messages with the hub."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from cim import override
from cim.contract import Contract, markdown
from cim.held import held
from cim.profiles import NOUNS
from cim.reference_model import exchange_of, functions, sub_functions
from cim.schema import ADDRESS, files
from hub.cli import show
from hub.config import Config

INDEX = "README.md"


@dataclass(frozen=True)
class Line:
    """One noun in the list."""

    noun: str
    standard: str
    publishers: str
    subscribers: str


def listed(_config: Config, options: argparse.Namespace) -> int:
    """Every noun, its part of the standard, who publishes it and who subscribes."""
    columns = ("noun", "standard", "publishers", "subscribers")
    show.table(map(_line, sorted(NOUNS)), columns, as_json=options.json)
    return 0


def export(config: Config, options: argparse.Namespace) -> int:
    """Write every contract into a folder: schemas, services, a reference page for each noun.

    Where a utility's own XSD holds, it lies there, and the others refer to it.
    Raises: SchemaError, when one of these is broken; ValueError for an address that is none.
    """
    from hub.main.schemas import install

    install(config)
    try:
        made = _files()
    finally:
        override.clear()
    if options.address:
        made |= _addressed(made, options.address)
    folder = options.folder
    for name, content in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if options.json:
        show.data({"folder": str(folder), "files": len(made)}, as_json=True)
    else:
        print(f"{len(made)} files in {folder}; begin with {folder / INDEX}")
    return 0


def _files() -> dict[str, bytes]:
    """Every file of the export, by name."""
    made = files() | held()
    for name in NOUNS:
        contract = Contract.of(name)
        made[f"{name}.md"] = markdown(contract).encode()
        if contract.example:
            made[f"{name}.example.xml"] = contract.example.encode()
    return {**made, INDEX: _index().encode()}


def _addressed(made: Mapping[str, bytes], hub: str) -> dict[str, bytes]:
    """The service descriptions with the address at which the hub at `hub` serves each."""
    parts = urlsplit(hub)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{hub!r} is no address of a hub, such as https://hub.example:8088")
    base = escape(hub.rstrip("/"))
    return {
        name: data.replace(
            f'"{ADDRESS}"'.encode(),
            f'"{base}/soap{"" if service == "Generic" else f"/{service}"}"'.encode(),
        )
        for name, data in made.items()
        for service, _, ending in [name.rpartition(".")]
        if ending == "wsdl"
    }


def _line(name: str) -> Line:
    ends = exchange_of(name)
    codes = (" ".join(end.code for end in side) for side in (ends.publishers, ends.subscribers))
    return Line(name, NOUNS[name].standard, *codes)


def _index() -> str:
    lines = [
        "# Contracts\n",
        "Generate a client from `Generic.wsdl` (every noun, the envelope of IEC 61968-100) or from",
        "the strongly typed WSDL of a noun; all name one another by file name.  They are served at",
        "`/soap` and at `/soap/<Service>`; `gridbus contracts export --address https://...` writes",
        f"that into them, in the place of `{ADDRESS}`.\n",
        "| noun | standard | published by | subscribed by |\n|---|---|---|---|",
    ]
    for line in map(_line, sorted(NOUNS)):
        lines.append(
            f"| [{line.noun}]({line.noun}.md) | {line.standard} | {line.publishers}"
            f" | {line.subscribers} |"
        )
    lines.append("\n## Business functions\n\n| code | function | part |\n|---|---|---|")
    for code, sub in sub_functions().items():
        lines.append(f"| {code} | {functions()[code.partition('.')[0]]} | {sub.name} |")
    return "\n".join(lines) + "\n"
