"""RTUs that do not exist, on loopback ports: values by a script, and every way to misbehave.

They speak Modbus TCP by code of their own, so that a fault of the front end's library is no fault
of theirs, too; IEC 60870-5-104 by the server of c104, of which the front end uses nothing;
OPC UA by that of asyncua, by whose client the front end reads.
"""

from dms_apps.simulator.rtu.script import Device, Event, Script, Value, read

__all__ = ["Device", "Event", "Script", "Value", "read"]
