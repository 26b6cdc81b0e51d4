"""Compile the loops once, before many processes would do it each for itself: `make compiled`."""

from __future__ import annotations

import numpy as np
from scipy.sparse import eye
from scipy.sparse.linalg import splu

from cim.model.scan import scan
from cim.network.rehearsal import rehearse
from cim.plain.elements import load
from dms_apps.solver.inverse import blocks
from dms_apps.solver.joining import islands
from dms_apps.state_estimation.inverse import diagonal

RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'

if __name__ == "__main__":
    scan(RDF)
    load()
    rehearse()
    blocks(splu(eye(1, dtype=np.complex128, format="csc")), [[0]])
    places, pairs = np.empty(0, np.int64), np.empty((2, 0), np.int64)
    islands(pairs, places, np.empty(0, np.bool_), pairs, pairs, places, places)
    diagonal(splu(eye(1, format="csc")))
