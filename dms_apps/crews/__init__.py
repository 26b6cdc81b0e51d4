"""Crews: who is where, which trouble needs one, who is sent, and how far they have come."""

from dms_apps.crews.app import CrewsApp

__all__ = ["CrewsApp"]
