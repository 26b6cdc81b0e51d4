"""RTUs that do not exist, on loopback ports: values by a script, and every way to misbehave.

They speak Modbus TCP by code of their own, so that a fault of the front end's library is no fault
of theirs, too.
"""

from dms_apps.simulator.rtu.script import Device, Event, Script, Value, read

__all__ = ["Device", "Event", "Script", "Value", "read"]
