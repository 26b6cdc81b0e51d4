"""A utility's own XSD files, put in force for this process before anything is read or written."""

from __future__ import annotations

import logging

from cim import override
from cim.schema.library import Library
from hub.config import Config

log = logging.getLogger(__name__)


def install(config: Config) -> None:
    """Read the files that `[schemas]` names.  Raises: SchemaError naming file, line and rule."""
    wanted = config.schemas
    library = None if wanted.override is None else Library.read(wanted.override)
    for remark in library.remarks if library else ():
        log.warning("%s", remark)
    override.install(library, wanted.namespaces)
