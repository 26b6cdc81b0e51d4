"""Trouble calls: tied to the outages behind them, called back, answered by phone or premises."""

from dms_apps.trouble_calls.app import TroubleCallsApp

__all__ = ["TroubleCallsApp"]
