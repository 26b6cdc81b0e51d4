"""The network as operated, an immutable value."""

from cim.network.network import Network

__all__ = ["Network"]
