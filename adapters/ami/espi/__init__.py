"""Green Button: usage of energy as Atom feeds (NAESB ESPI)."""

from adapters.ami.espi.feed import LIMITS, FeedBlock, blocks, is_feed, may_be_feed
from adapters.ami.espi.readings import outgoing

__all__ = ["LIMITS", "FeedBlock", "blocks", "is_feed", "may_be_feed", "outgoing"]
