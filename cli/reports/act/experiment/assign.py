"""Assigned customers as text; no id is printed."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, money, number, percent, table


def assign_text(data: dict[str, Any], out: Path | None) -> str:
    """How many customers are in each arm, what they were like before, and what is compared when."""
    header = ["arm", "share", "customers", "share", "value before", "purchase days", "days since last"]
    rows = [
        [
            row["arm"],
            percent(row["share"]),
            f"{row['customers']:,}",
            percent(row["customer_share"]),
            money(row["mean_value"]),
            number(row["mean_purchase_days"], 2),
            number(row["mean_days_since_last"], 1),
        ]
        for row in data["arms"]
    ]
    files = "assignment.csv, assignment.parquet, experiment.json"
    where = f"{written_to(out)}: {files}" if out is not None else ""
    return paragraphs([_opening(data), table(header, rows, range(1, 7)), notes(data["warnings"]), where])


def _opening(data: dict[str, Any]) -> str:
    design, waves = data["design"], data["waves"]
    n = sum(wave["customers"] for wave in waves)
    held_out = sum(wave["held_out"] for wave in waves)
    entered = waves[-1]["entered"] if len(waves) == 1 else f"{waves[0]['entered']} to {waves[-1]['entered']}"
    lines = [f"{data['experiment']}: {count(n, 'customer')} in {len(design['arms'])} arms, entered {entered}"]
    if data["new"] < n + held_out:
        lines[0] += f", {data['new']:,} of them now"
    if held_out:
        share = percent(float(Fraction(design["held_out"])))
        lines.append(f"{count(held_out, 'customer')} more in the universal holdout, {share} of all")
    strata = {cell["stratum"] for cell in data["cells"]}
    if design["strata"]:
        lines.append(f"arms are compared within each of {len(strata):,} strata")
    followed = f"compared with {design['control']} by {design['metric']} over {count(design['days'], 'day')}"
    lines.append(followed if design["looks"] == 1 else f"{followed}, looked at {design['looks']} times")
    return "\n".join(lines)
