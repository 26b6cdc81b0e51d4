"""Load flow: voltages, flows and losses of the network as operated, and the limits they violate."""

from dms_apps.load_flow.app import LoadFlowApp

__all__ = ["LoadFlowApp"]
