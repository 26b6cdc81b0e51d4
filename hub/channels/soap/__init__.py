"""SOAP 1.1, document/literal, contract first: spyne serves, zeep calls."""
