"""The AMI head-end: what meters report, as CSV or as IEC 61968-9 XML files."""

from adapters.ami.adapter import AmiAdapter

__all__ = ["AmiAdapter"]
