"""Losses: what networks lose, by device and phase, by feeder and time."""

from dms_apps.losses.app import LossesApp

__all__ = ["LossesApp"]
