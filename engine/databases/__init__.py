"""Databases that answer a query with order lines: which one a name stands for, and its rows, set aside on disk."""

from whalecurve.engine.databases.decimal_texts import DecimalTexts, without_extensions
from whalecurve.engine.databases.sources import ask, database_of, without_password
from whalecurve.engine.databases.spool import Spool, spooled

__all__ = [
    "DecimalTexts",
    "Spool",
    "ask",
    "database_of",
    "spooled",
    "without_extensions",
    "without_password",
]
