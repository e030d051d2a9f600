"""The list of a day as text; no id is printed."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, table


def triggers_text(data: dict[str, Any], out: Path | None) -> str:
    """How many customers are to be written to about what, and what was held back."""
    since = f", since {data['since']}" if data["since"] is not None else ""
    again = "; the list of this day was made before, and this is it" if data["is_again"] else ""
    head = f"{data['on']}{since}: {count(data['customers'], 'customer')} to write to{again}"
    header = ["trigger", "customers", "cooling off", "another first"]
    rows = [
        [name.replace("_", " "), f"{n['told']:,}", f"{n['cooling_off']:,}", f"{n['another_trigger']:,}"]
        for name, n in data["triggers"].items()
    ]
    where = f"{written_to(out)}: triggers.csv, triggers.parquet, held_back.parquet" if out is not None else ""
    return paragraphs([head, table(header, rows, range(1, 4)), notes(data["warnings"]), where])
