"""Lists on disk, published whole or not at all, and their record, which names nobody."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.audiences.choice import UNCHANGED, Chosen
from whalecurve.engine.audiences.members import Audience
from whalecurve.engine.audiences.results import Exported, ListCounts
from whalecurve.engine.audiences.settings import Exporting
from whalecurve.engine.audiences.state import ExportState, digests
from whalecurve.engine.audiences.table import leavers, parts
from whalecurve.engine.publication import (
    CUSTOMER,
    FORMAT,
    MODEL,
    Result,
    manifest_of,
    n_formulas,
    write_csv_parts,
    write_json,
    write_manifest,
    write_table_parts,
)
from whalecurve.engine.stages import Stages
from whalecurve.engine.targets import Target


@dataclass(slots=True, kw_only=True)
class Writing:
    """A list as it is being written.

    before : customers and digests of its last export; None where all rows are written
    gone : who of them is no longer on it, as rows of `Chosen`; None where `before` is
    """

    audience: Audience
    chosen: Chosen
    before: pl.DataFrame | None
    gone: pl.DataFrame | None
    n_rows: int = 0
    n_formulas: int = 0
    digests: list[pl.DataFrame] = field(default_factory=list)

    def write(
        self, result: Result, columns: dict[str, str], target: Target, asked: Exporting, directory: Path
    ) -> ListCounts:
        """Write the file, and count what is in it."""
        path = directory / f"{self.audience.stem}.{target.format}"
        tables = self._changed(parts(result, self.chosen.rows, self.audience, columns, target, asked))
        if target.format == "csv":
            write_csv_parts(tables, path, is_raw=asked.keeps_formulas, has_bom=target.has_bom)
        else:
            write_table_parts(tables, path)
        n_unchanged = self.chosen.rows.height - self.n_rows
        left_out = self.chosen.left_out | {UNCHANGED: n_unchanged}
        return ListCounts(
            segment=self.audience.segment,
            file=path.name,
            n_customers=self.n_rows + sum(left_out.values()),
            n_rows=self.n_rows,
            left_out=left_out,
            unusable=self.chosen.unusable,
            n_taken=self.chosen.n_taken,
            n_gone=None if self.gone is None else self.gone.height,
            gone_file=self._write_gone(columns, target, asked, directory),
            n_bytes=path.stat().st_size,
        )

    def _changed(self, tables: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The rows that are new or other than at the last export; the first part, and those that hold any."""
        start = 0
        for place, table in enumerate(tables):
            rows = table
            if self.before is not None:
                ids = self.chosen.rows[CUSTOMER][start : start + table.height]
                now = pl.DataFrame([ids, digests(table)])
                self.digests.append(now)
                then = now.join(self.before, on=CUSTOMER, how="left", maintain_order="left")["digest_right"]
                rows = table.filter(now["digest"].ne_missing(then))
            start += table.height
            self.n_rows += rows.height
            self.n_formulas += n_formulas(rows) - n_formulas(rows.clear()) if rows.height else 0
            if place == 0 or rows.height:
                yield rows

    def _write_gone(self, columns: dict[str, str], target: Target, asked: Exporting, directory: Path) -> str | None:
        """Write who is to be taken off the list, if anybody is; the name of the file."""
        if self.gone is None or self.gone.is_empty():
            return None
        path = directory / f"{self.audience.stem}-gone.{target.format}"
        table = leavers(self.gone, columns, target)
        table = table.filter(pl.any_horizontal(pl.all().is_not_null()))
        if target.format == "csv":
            write_csv_parts([table], path, is_raw=asked.keeps_formulas, has_bom=target.has_bom)
        else:
            write_table_parts([table], path)
        return path.name

    @property
    def state(self) -> pl.DataFrame:
        """Customers and digests for the next export."""
        return pl.concat(self.digests)


def write_records(
    found: Exported, staging: Path, result: Result, contacts: str | None, state: ExportState | None, stages: Stages
) -> None:
    """Write `export.json`, and the usual records; none holds an id or a contact."""
    definitions: dict[str, Any] = {"target": found.target.name, **asdict(found.settings), "fields": found.columns}
    write_json(found.to_dict(), staging / "export.json")
    write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
    inputs: list[dict[str, Any]] = [result.identity]
    if contacts is not None:
        inputs.append({"path": contacts})
    record = manifest_of(
        "export",
        as_of=found.as_of,
        inputs=inputs,
        definitions=definitions,
        rows=None,
        timings=stages.seconds,
        warnings=found.warnings,
        customers={
            "listed": sum(one.n_customers for one in found.lists),
            "rows": sum(one.n_rows for one in found.lists),
        },
        export_mark=None if state is None else state.mark,
    )
    write_manifest(record, staging)
