"""spyne, importable on every Python we support; what the channel uses of it, and nothing more.

spyne 2.14.0 carries an old `six` whose import hook lacks `find_spec`: Python 3.11 warns at every
later import, 3.12 and 3.13 do not see `spyne.util.six.moves` at all.  `legacy-cgi` gives
Python 3.13 the `cgi` it imports.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import warnings
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

SIX = "spyne.util.six"


def _repair_six() -> None:
    found = importlib.util.find_spec("spyne")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("spyne is not installed", name="spyne")
    path = Path(found.submodule_search_locations[0], "util", "six.py")
    spec = importlib.util.spec_from_file_location(SIX, path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{path} is not there", name=SIX)
    six = importlib.util.module_from_spec(spec)
    sys.modules[SIX] = six
    spec.loader.exec_module(six)
    _complete(six._importer)


def _complete(importer: Any) -> None:
    """Give the old import hook the three methods of today's protocol."""

    def find_spec(self: Any, name: str, _path: object = None, _to: object = None) -> Any:
        return importlib.util.spec_from_loader(name, self) if name in self.known_modules else None

    def create_module(self: Any, spec: ModuleSpec) -> ModuleType:
        loaded: ModuleType = self.load_module(spec.name)
        return loaded

    def exec_module(_self: Any, _module: ModuleType) -> None:
        """`load_module` has done it."""

    hook = type(importer)
    hook.find_spec, hook.create_module, hook.exec_module = find_spec, create_module, exec_module


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of `cgi` and of the old import hook
    if SIX not in sys.modules:
        _repair_six()
    from spyne import AnyXml, Application, MethodContext, ServiceBase, rpc
    from spyne.context import TransportContext
    from spyne.model.fault import Fault
    from spyne.protocol.soap import Soap11
    from spyne.server import ServerBase

# It logs every refused request with its bytes; what is worth saying, the channel says itself.
logging.getLogger("spyne").setLevel(logging.CRITICAL)

__all__ = [
    "AnyXml",
    "Application",
    "Fault",
    "MethodContext",
    "ServerBase",
    "ServiceBase",
    "Soap11",
    "TransportContext",
    "rpc",
]
