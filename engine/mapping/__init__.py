"""Which column, or expression over columns, plays which role in an order line, held against the files."""

from whalecurve.engine.mapping.attribute_columns import opened_attributes
from whalecurve.engine.mapping.blank_ids import is_blank, is_missing
from whalecurve.engine.mapping.exact_expressions import as_meant
from whalecurve.engine.mapping.normalised_ids import normal_form
from whalecurve.engine.mapping.order_totals import AT, IS_REPEATED, IS_UNCLEAR, kept_lines
from whalecurve.engine.mapping.return_lines import IS_NEGATIVE, is_marked, is_return
from whalecurve.engine.mapping.role_columns import FAULT, Dimensions, Mapping, each_once, resolve
from whalecurve.engine.mapping.roles import Role
from whalecurve.engine.mapping.written_columns import parsed_column, role_of, roots

__all__ = [
    "AT",
    "FAULT",
    "IS_NEGATIVE",
    "IS_REPEATED",
    "IS_UNCLEAR",
    "Dimensions",
    "Mapping",
    "Role",
    "as_meant",
    "each_once",
    "is_blank",
    "is_marked",
    "is_missing",
    "is_return",
    "kept_lines",
    "normal_form",
    "opened_attributes",
    "parsed_column",
    "resolve",
    "role_of",
    "roots",
]
