"""Attributes: what is known of customers beside their orders, as columns that order lines and scores may be told by."""

from whalecurve.engine.attributes.attribute_file import AttributeFile, open_attributes
from whalecurve.engine.attributes.attribute_rows import (
    CUSTOMER,
    AttributeRows,
    match_note,
    rows_with_ids,
    with_attributes,
)
from whalecurve.engine.attributes.small_cells import OTHER, kept_values

__all__ = [
    "CUSTOMER",
    "OTHER",
    "AttributeFile",
    "AttributeRows",
    "kept_values",
    "match_note",
    "open_attributes",
    "rows_with_ids",
    "with_attributes",
]
