"""The load model: what customers draw, by class and day, and what each load draws at a moment."""

from dms_apps.load_model.app import LoadModelApp

__all__ = ["LoadModelApp"]
