"""The front door: the one HTTP server, before SOAP, REST and console alike.

It bounds what a stranger can cost (size, time, number), says who is calling, and lets only the
content types through that the place behind takes.
"""

from hub.front.door import Door, Route, plain
from hub.front.identity import Authenticate, Credentials, Identity, Principal, credentials
from hub.front.limits import Limits, Refuse
from hub.front.server import Server

__all__ = [
    "Authenticate",
    "Credentials",
    "Door",
    "Identity",
    "Limits",
    "Principal",
    "Refuse",
    "Route",
    "Server",
    "credentials",
    "plain",
]
