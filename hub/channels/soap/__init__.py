"""SOAP 1.1, document/literal, contract first: spyne serves, zeep calls."""

from hub.channels.soap.channel import SoapChannel
from hub.channels.soap.partner import Partner, PartnerClient, PartnerRefusal

__all__ = ["Partner", "PartnerClient", "PartnerRefusal", "SoapChannel"]
