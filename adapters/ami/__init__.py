"""The AMI head-end: events as CSV or IEC 61968-9 XML; meter data as NEM12, NEM13, Green Button."""

from adapters.ami.adapter import AmiAdapter

__all__ = ["AmiAdapter"]
