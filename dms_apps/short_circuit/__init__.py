"""Short circuits: fault levels, the duty of protective devices, and how far these see."""

from dms_apps.short_circuit.app import ShortCircuitApp

__all__ = ["ShortCircuitApp"]
