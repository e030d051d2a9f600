"""Formats of files that order lines come in: which one a file has, its columns and its rows."""

from whalecurve.engine.formats.arrow_files import arrow_schema, n_arrow_rows
from whalecurve.engine.formats.kinds import GZIP, LONGEST_MAGIC, ZIP, ZSTD, Kind, kind_named, kind_of, of_one_kind
from whalecurve.engine.formats.odd_types import (
    is_odd,
    odd_columns,
    readable_batches,
    readable_table,
    rows_by_arrow,
    says_types,
    written_schema,
)
from whalecurve.engine.formats.page_headers import has_checksum, pages
from whalecurve.engine.formats.table_formats import (
    DELTA,
    HUDI,
    ICEBERG,
    format_of,
    refuse_tables,
    refuse_tables_among,
    refuse_tables_behind,
    table_prefixes,
)
from whalecurve.engine.formats.text_files import FAULT, TextLayout, n_records, read_head, sampled, typed_records
from whalecurve.engine.formats.urls import opening_options, refuse_unreachable

__all__ = [
    "DELTA",
    "FAULT",
    "GZIP",
    "HUDI",
    "ICEBERG",
    "LONGEST_MAGIC",
    "ZIP",
    "ZSTD",
    "Kind",
    "TextLayout",
    "arrow_schema",
    "format_of",
    "has_checksum",
    "is_odd",
    "kind_named",
    "kind_of",
    "n_arrow_rows",
    "n_records",
    "odd_columns",
    "of_one_kind",
    "opening_options",
    "pages",
    "read_head",
    "readable_batches",
    "readable_table",
    "refuse_tables",
    "refuse_tables_among",
    "refuse_tables_behind",
    "refuse_unreachable",
    "rows_by_arrow",
    "sampled",
    "says_types",
    "table_prefixes",
    "typed_records",
    "written_schema",
]
