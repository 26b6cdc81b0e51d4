"""Power quality: voltages judged by limits, and disturbances classed."""

from dms_apps.power_quality.app import PowerQualityApp

__all__ = ["PowerQualityApp"]
