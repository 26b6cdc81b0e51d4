"""Restoration times: when supply is expected back, by experience and by the crews there are."""

from dms_apps.restoration_times.app import RestorationTimesApp

__all__ = ["RestorationTimesApp"]
