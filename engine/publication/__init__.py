"""Result directories: what lies where, written whole or not at all, and read again."""

from whalecurve.engine.publication.csv_tables import n_formulas, write_csv, write_csv_parts
from whalecurve.engine.publication.delta_tables import check_tables, commit_tables
from whalecurve.engine.publication.descriptions import described
from whalecurve.engine.publication.hold import held
from whalecurve.engine.publication.layout import CUSTOMER, FORMAT, MANIFEST, MEASURES, MODEL, is_result
from whalecurve.engine.publication.manifest import digest_of, manifest_of, not_reliable, write_manifest
from whalecurve.engine.publication.publish import (
    ROW_GROUP,
    Layout,
    check_target,
    published,
    set_aside,
    write_customers,
    write_json,
    write_table,
    write_table_parts,
)
from whalecurve.engine.publication.read import Result, open_result, read_record, window_of
from whalecurve.engine.publication.single_file import check_file, check_place, publish_file
from whalecurve.engine.publication.store_copy import at_hand, record_at
from whalecurve.engine.publication.with_record import recorded

__all__ = [
    "CUSTOMER",
    "FORMAT",
    "MANIFEST",
    "MEASURES",
    "MODEL",
    "ROW_GROUP",
    "Layout",
    "Result",
    "at_hand",
    "check_file",
    "check_place",
    "check_tables",
    "check_target",
    "commit_tables",
    "described",
    "digest_of",
    "held",
    "is_result",
    "manifest_of",
    "n_formulas",
    "not_reliable",
    "open_result",
    "publish_file",
    "published",
    "read_record",
    "record_at",
    "recorded",
    "set_aside",
    "window_of",
    "write_csv",
    "write_csv_parts",
    "write_customers",
    "write_json",
    "write_manifest",
    "write_table",
    "write_table_parts",
]
