"""What was converted, in words."""

from typing import Any

from whalecurve.cli.reports.phrases import notes
from whalecurve.cli.reports.text_tables import count, size, table


def converted_text(record: dict[str, Any]) -> str:
    """Rows, bytes, the type of each column, what was left out."""
    before = f", {size(record['bytes_before'])} before" if record["bytes_before"] is not None else ""
    n_files = count(record["files"], "file")
    lines = [
        f"{count(record['rows'], 'row')} in {record['orders']}: {n_files}, {size(record['bytes'])}{before}",
        "",
        table(["column", "type"], [[name, dtype] for name, dtype in record["columns"].items()]),
    ]
    told = []
    if record["left_out"]:
        told.append(
            f"lines that cannot be read: {record['left_out']:,}; they were left out, and are in "
            f"{record['orders']}/_unreadable.parquet"
        )
    if record["passed_over"]:
        n, first = len(record["passed_over"]), record["passed_over"][0]
        told.append(f"files of the directories that were not read: {n:,}, as {first}; if they hold orders, name them")
    return "\n".join([*lines, notes(told)] if told else lines)
