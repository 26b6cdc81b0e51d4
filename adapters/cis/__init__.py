"""The CIS: who is supplied where, without who they are."""

from adapters.cis.adapter import CisAdapter

__all__ = ["CisAdapter"]
