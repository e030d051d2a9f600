"""Customers, segments and measures as Delta Lake tables, for whoever reads tables and no directories.

Each table lies at a place that stays the same, and gets one version a run: readers see the one before or the new one,
and may go back. Several tables have no version in common. So the one of the customers comes last, every row says which
run it is of, and the record of the result says which versions are its own. Rows are in no order.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from polars import selectors

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.extras import needed
from whalecurve.engine.object_stores import location_of, store_of, table_options
from whalecurve.engine.paths import is_object_url, refuse_impossible, refuse_other_url, unfolded
from whalecurve.engine.publication.parents import refuse_unwritable

CUSTOMERS, PARTITION = "customers", "rfm_segment"
SMALL = ("segments", "measures/groups", "measures/periods", "measures/cohorts", "measures/gaps", "measures/stickiness")
"""Tables of a result beside the customers, by the path of their file."""
MARKS = ("run_id", "as_of")
"""Columns that every table has besides, of the run that wrote a row."""
BATCH = 1 << 18


def check_tables(place: str | Path, out: str | Path) -> None:
    """Make sure, before any work, that tables can be written at a place.

    Raises
    ------
    InputError
        The extra for the format is not installed; a URL of no object store, a place within the result or around it,
        or one that cannot be written or is not to be had.
    """
    text, result = unfolded(place), unfolded(out)
    what = setting("tables", text)
    refuse_other_url(place, "tables")
    needed("deltalake", extra="delta", place=f"{what}: of Delta Lake")
    if is_object_url(text):
        location = location_of(text)
        if is_object_url(result) and (location.holds(location_of(result)) or location_of(result).holds(location)):
            raise InputError(f"{what}: the tables and the result lie in one another; name another place")
        store_of(location).list(location.key, most=1)
        return
    refuse_impossible(Path(text), what)
    here, there = Path(text).resolve(), None if is_object_url(result) else Path(result).resolve()
    if there is not None and (here.is_relative_to(there) or there.is_relative_to(here)):
        raise InputError(f"{what}: the tables and the result lie in one another; name another place")
    if here.exists() and not here.is_dir():
        raise InputError(f"{what}: a file; name a directory")
    refuse_unwritable(here, what, "place")


def commit_tables(place: str | Path, directory: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """Write the tables of a result, a new version each; what the record is to say of it: the place, and the versions.

    Parameters
    ----------
    directory
        Where the files of the result are.
    record
        Of the run: its id and day go into every row, and into the record of each version.

    Raises
    ------
    InputError
        A table cannot be written, or another run wrote it meanwhile.
    """
    root = unfolded(place).rstrip("/")
    marks = {name: str(record[name]) for name in MARKS}
    versions: dict[str, int] = {}
    for name in SMALL:
        file = directory / f"{name}.parquet"
        if file.is_file():
            versions[name] = _commit(f"{root}/{name}", pl.scan_parquet(file, glob=False), marks, partition=None)
    files = sorted(map(str, (directory / CUSTOMERS).rglob("*.parquet")))
    is_partitioned = any(f"/{PARTITION}=" in file.removeprefix(str(directory)) for file in files)
    rows = pl.scan_parquet(
        files,
        glob=False,
        hive_partitioning=is_partitioned,
        hive_schema={PARTITION: pl.String} if is_partitioned else None,
    )
    versions[CUSTOMERS] = _commit(f"{root}/{CUSTOMERS}", rows, marks, partition=PARTITION)
    return {"place": root, "versions": versions}


def _commit(place: str, rows: pl.LazyFrame, marks: Mapping[str, str], *, partition: str | None) -> int:
    deltalake = needed("deltalake", extra="delta", place=place)
    options = table_options(place) if is_object_url(place) else None
    marked = rows.with_columns(_plain(rows.collect_schema())).with_columns(
        run_id=pl.lit(marks["run_id"]), as_of=pl.lit(marks["as_of"]).str.to_date()
    )
    try:
        deltalake.write_deltalake(
            place if options is not None else str(Path(place).absolute()),
            _batches(marked),
            mode="overwrite",
            schema_mode="overwrite",
            partition_by=None if partition is None else [partition],
            storage_options=options,
            commit_properties=deltalake.CommitProperties(
                custom_metadata={f"whalecurve.{name}": text for name, text in marks.items()}
            ),
        )
        return int(deltalake.DeltaTable(place, storage_options=options).version())
    except (deltalake.exceptions.DeltaError, OSError, pa.ArrowException) as error:
        raise InputError(
            f"{setting('tables', place)}: cannot be written ({reason(error)}); make sure that it can be written to and "
            f"that no other run writes it, and run again"
        ) from error


def _plain(schema: pl.Schema) -> list[pl.Expr]:
    """The columns that Delta Lake has no type for, in types that it has: whole numbers with a sign, plain text."""
    numbers = selectors.unsigned_integer().as_expr().cast(pl.Int64)
    texts = (selectors.categorical() | selectors.enum()).as_expr().cast(pl.String)
    wide = [pl.col(name).cast(pl.Decimal(38, 0)) for name, dtype in schema.items() if dtype in (pl.Int128, pl.UInt128)]
    return [numbers, texts, *wide]


def _batches(rows: pl.LazyFrame) -> pa.RecordBatchReader:
    """The rows as Arrow reads them, a part at a time in memory."""

    def tables() -> Iterator[pa.Table]:
        for part in rows.collect_batches(chunk_size=BATCH, maintain_order=True):
            yield part.to_arrow(compat_level=pl.CompatLevel.oldest())

    schema = rows.collect_schema().to_frame(eager=True).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.RecordBatchReader.from_batches(schema, (batch for table in tables() for batch in table.to_batches()))
