"""A sample of customers as text; no id is printed."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, percent, table


def sample_text(data: dict[str, Any], out: Path | None) -> str:
    """How many were drawn from each segment, and how exactly their answers speak for it."""
    header = ["segment", "customers", "excluded", "sampled", "reserve", "margin", ""]
    rows = [
        [
            row["segment"],
            f"{row['customers']:,}",
            f"{row['excluded']:,}",
            f"{row['sampled']:,}",
            f"{row['reserve']:,}",
            "-" if row["margin_of_error"] is None else f"±{percent(row['margin_of_error'])}",
            "interview" if row["method"] == "interview" and row["customers"] else "",
        ]
        for row in data["segments"]
    ]
    asked = f"{count(data['sampled'], 'customer')} drawn, {data['reserve']:,} in reserve, as of {data['as_of']}"
    exact = (
        f"a share of 50% of all is then known to ±{percent(data['margin_of_error'])} (95%), answers weighted"
        if data["margin_of_error"] is not None
        else ""
    )
    where = f"{written_to(out)}: sample.csv, sample.parquet, strata.parquet" if out is not None else ""
    return paragraphs(
        ["\n".join(filter(None, [asked, exact])), table(header, rows, range(1, 6)), notes(data["warnings"]), where]
    )
