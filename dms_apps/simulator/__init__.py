"""A utility that does not exist, on a real feeder: for demonstration, training and tests.

It reaches the hub only through the front door, as files in the native formats of its systems; the
writers of those formats lie beside their readers and are handed in.
"""

from dms_apps.simulator.feeders import FEEDERS, cache_folder, feeder
from dms_apps.simulator.files import Writers, drop
from dms_apps.simulator.storm import Storm
from dms_apps.simulator.utility import Customer, Utility

__all__ = ["FEEDERS", "Customer", "Storm", "Utility", "Writers", "cache_folder", "drop", "feeder"]
