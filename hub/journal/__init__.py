"""The journal: every message accepted, in one order, with what became of it."""

from hub.journal.entry import Entry, Leased
from hub.journal.journal import Journal
from hub.journal.transaction import Overtaken, Transaction

__all__ = ["Entry", "Journal", "Leased", "Overtaken", "Transaction"]
