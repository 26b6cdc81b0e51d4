"""The electrical reading of a `Model`, per phase and in SI units: what a load flow needs to know.

`view.read` reads everything; each module has the dataclasses of its subject and the function that
makes them from a `Reading`.  Matrices are complex NumPy arrays over phases, in the order of the
element's own `phases`.  Primitive admittances: `yprim`.  Nothing here knows what is energised or
in service; that is `cim.network`.  What only short circuits by IEC 60909 need is in
`View.short_circuit`, with problems of its own.
"""
