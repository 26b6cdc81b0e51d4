"""Planned outages: who will be without supply, told beforehand, begun and ended as switches say."""

from dms_apps.planned_outages.app import PlannedOutagesApp

__all__ = ["PlannedOutagesApp"]
