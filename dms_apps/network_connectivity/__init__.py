"""Network connectivity analysis: what is supplied, earthed, in a loop, and what changed."""

from dms_apps.network_connectivity.app import NetworkConnectivityApp

__all__ = ["NetworkConnectivityApp"]
