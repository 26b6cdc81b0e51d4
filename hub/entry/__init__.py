"""Ways by which files come into the watch folder of an adapter from elsewhere.

Each brings a file, for good, before it tells its source so: what is cut off in between comes once
more, and the hub knows its facts.
"""

from hub.entry.database import DatabasePoll
from hub.entry.http import HttpPoll
from hub.entry.sftp import SftpFetch

__all__ = ["DatabasePoll", "HttpPoll", "SftpFetch"]
