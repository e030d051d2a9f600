"""Measures over time on disk: long Parquet tables, and the headline numbers as JSON."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.measures.settings import ALL
from whalecurve.engine.publication import MEASURES, write_json, write_table


def write_measures(tables: dict[str, pl.DataFrame], headline: dict[str, Any], directory: Path) -> None:
    """Write `measures.json` and, below `measures/`, a Parquet file for each table."""
    below = directory / "measures"
    below.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_table(table, below / f"{name}.parquet", of="measures")
    write_json(headline, directory / MEASURES)


def last_periods(periods: pl.DataFrame) -> dict[str, dict[str, Any] | None]:
    """The last month, quarter and year of all customers that was observed in full; None where there is none."""
    whole = periods.filter(pl.col("scheme") == ALL, pl.col("is_complete"))
    rows_of: dict[str, dict[str, Any] | None] = {}
    for period in ("month", "quarter", "year"):
        rows = whole.filter(pl.col("period") == period).tail(1).drop("scheme", "group", "period", "is_complete")
        rows_of[period] = plain(rows)[0] if rows.height else None
    return rows_of


def plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain data, ready for JSON."""
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in table.iter_rows(named=True)
    ]
