"""The IVR: what customers and others report by telephone, and what they say when called back."""

from adapters.ivr.adapter import IvrAdapter

__all__ = ["IvrAdapter"]
