"""The ERP or work management system: work orders and crews, as Maximo's XML or as CSV."""

from adapters.erp.adapter import ErpAdapter

__all__ = ["ErpAdapter"]
