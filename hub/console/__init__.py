"""The web console and the REST interface of the hub."""

from hub.console.app import create
from hub.console.view import Component, ConsoleView

__all__ = ["Component", "ConsoleView", "create"]
