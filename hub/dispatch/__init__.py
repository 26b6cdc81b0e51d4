"""From what comes in to who gets it: intake, the apps' turns, answers, and the one clock."""

from hub.dispatch.handling import Handler
from hub.dispatch.hub import Hub
from hub.dispatch.live import Live
from hub.dispatch.retry import Retry
from hub.dispatch.stamp import stamp

__all__ = ["Handler", "Hub", "Live", "Retry", "stamp"]
