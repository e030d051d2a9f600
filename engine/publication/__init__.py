"""Result directories: what lies where, written whole or not at all, and read again."""

from whalecurve.engine.publication.layout import MANIFEST, MODEL, is_result, is_url
from whalecurve.engine.publication.publish import (
    ROW_GROUP,
    Layout,
    check_target,
    outputs_below,
    published,
    set_aside,
    write_customers,
    write_json,
    write_table,
)
from whalecurve.engine.publication.read import Result, open_result, read_record, window_of

__all__ = [
    "MANIFEST",
    "MODEL",
    "ROW_GROUP",
    "Layout",
    "Result",
    "check_target",
    "is_result",
    "is_url",
    "open_result",
    "outputs_below",
    "published",
    "read_record",
    "set_aside",
    "window_of",
    "write_customers",
    "write_json",
    "write_table",
]
