"""What computes networks: the one place that knows engines, shared by the apps.

`Given` says what is so now, `Layout` numbers the places and conductors of an electrical view, and
`Solution` is what came out: voltages to earth by place, powers and currents from the node into the
equipment (IEC 61970-456, SvPowerFlow), in SI units.  `nodal` is our own solver on the admittance
matrix; `opendss` hands the same view to OpenDSS and brings the result back; `balanced` solves the
positive sequence by pandapower, and `batch` many scenarios at once by power-grid-model: both refuse
by name what their engine cannot represent.  `iec60909` computes short circuits by IEC 60909.
"""
