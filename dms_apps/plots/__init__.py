"""Drawings of what analyses have come to, from plain columns: SVG or PNG, the same each time."""

from dms_apps.plots.along import Along, fault_level, voltage_profile
from dms_apps.plots.bars import Bars, loading, ranked
from dms_apps.plots.columns import Columns, stacked
from dms_apps.plots.curve import Curve, load_curve
from dms_apps.plots.document import document
from dms_apps.plots.heat import Heat, heat_table
from dms_apps.plots.plan import Plan, network_map

__all__ = [
    "Along",
    "Bars",
    "Columns",
    "Curve",
    "Heat",
    "Plan",
    "document",
    "fault_level",
    "heat_table",
    "load_curve",
    "loading",
    "network_map",
    "ranked",
    "stacked",
    "voltage_profile",
]
