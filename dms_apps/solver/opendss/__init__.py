"""OpenDSS computes a view: `drawing` writes it as OpenDSS commands, `session` edits and solves it.

Every place is a node of a bus, every pole of a switch a line and every part of a load a load of
its own, so that they move singly; `session.Session` keeps the circuit from one solution to the
next.  Figures go over exactly: what OpenDSS computes with is what `cim.electrical.yprim` says.
"""
