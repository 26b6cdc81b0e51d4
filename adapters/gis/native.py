"""Write the GIS's file, as `adapters.gis` reads it; used by the demo utility."""

from __future__ import annotations

import io
import zipfile


def write(name: str, document: bytes) -> bytes:
    """A zip with the RDF/XML `document` as `<name>.xml`; the same bytes for the same input."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{name}.xml", (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, document)
    return packed.getvalue()
