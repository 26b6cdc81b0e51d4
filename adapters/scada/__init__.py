"""SCADA and RTU: telemetered values of the network."""

from adapters.scada.adapter import ScadaAdapter

__all__ = ["ScadaAdapter"]
