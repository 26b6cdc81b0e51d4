"""State estimation: the most likely state of the network, from what is measured and assumed."""

from dms_apps.state_estimation.app import StateEstimationApp

__all__ = ["StateEstimationApp"]
