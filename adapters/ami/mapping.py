"""What the mapping file says when it says nothing else; `config/adapters/ami.toml` spells it out.

Reading types as `adapters.ami.reading_types` reads them.  E is energy from the grid to the
customer (which the market calls export), B into the grid, Q and K the reactive energy that goes
with them; I is what NEM13 calls the direction of B.
"""

from __future__ import annotations

from collections.abc import Mapping


def _energy(head: str) -> dict[str, str]:
    """`head`: macro period to accumulation."""
    active, reactive = "*.72.0", "*.73.0"
    return {
        "E": f"{head}.1.1.12.0.0.0.0.0.0.0.0.{active}",
        "B": f"{head}.19.1.12.0.0.0.0.0.0.0.0.{active}",
        "Q": f"{head}.5.1.12.0.0.0.0.0.0.0.0.{reactive}",  # quadrants 1 and 2
        "K": f"{head}.13.1.12.0.0.0.0.0.0.0.0.{reactive}",  # quadrants 3 and 4
    }


def nem() -> Mapping[str, str]:
    """Values of intervals."""
    return _energy("0.0.*.4")


def nem_registers() -> Mapping[str, str]:
    """Reads of registers."""
    found = _energy("0.0.0.1")
    return found | {"I": found["B"]}


def nem_quantities() -> Mapping[str, str]:
    """The use between two reads, a period that the message names."""
    found = _energy("32.0.0.4")
    return {"E": found["E"], "I": found["B"]}


def nem_quality() -> Mapping[str, str]:
    """Judged by a system like an MDM (3): the metering data provider."""
    return {"A": "3.0.0", "E": "3.12.0", "F": "3.8.0", "S": "3.8.0", "N": "3.5.259"}


def espi_quality() -> Mapping[str, str]:
    """Those that have one meaning here; raw, mixed, weather and other ones need a decision."""
    return {
        "0": "3.0.0",
        "7": "3.7.0",
        "8": "3.8.0",
        "9": "3.8.0",
        "10": "3.10.0",
        "11": "3.11.0",
        "12": "3.12.0",
        "17": "3.0.1",
    }
