"""The web console and the REST interface of the hub."""

from hub.console.app import create
from hub.console.identity import PEER_CERTIFICATE
from hub.console.view import Component, ConsoleView

__all__ = ["PEER_CERTIFICATE", "Component", "ConsoleView", "create"]
