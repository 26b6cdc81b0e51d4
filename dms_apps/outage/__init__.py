"""Outages: predicted from last gasps and switch positions, explained, followed to restoration."""

from dms_apps.outage.app import OutageApp

__all__ = ["OutageApp"]
