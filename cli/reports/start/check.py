"""What is in an order log, in words and tables."""

from typing import Any

from whalecurve.cli.reports.phrases import notes
from whalecurve.cli.reports.text_tables import count, money, size, table
from whalecurve.cli.reports.types import plain_type


def check_text(record: dict[str, Any]) -> str:
    """Files, usable lines, roles, what is refused and why, columns."""
    rows = record["rows"]
    n_bytes = f", {size(record['bytes'])}" if record["bytes"] is not None else ""
    filtered = f"; {rows['filtered']:,} rows filtered by --where or --keep" if rows["filtered"] else ""
    lines = [
        f"{count(record['files'], 'file')}, {count(rows['read'], 'row')}{n_bytes}{filtered}",
        f"{rows['used']:,} usable order lines of {count(record['customers'], 'customer')}, "
        f"{record['first_day']} to {record['last_day']}; {record['return_lines']:,} of them returns",
        f"net amount {money(record['amount'])}"
        + (f", margin {money(record['margin'])}" if record["margin"] is not None else ""),
        "",
        table(
            ["role", "mapping", "type"],
            [[role, r["mapping"], plain_type(r["type"])] for role, r in record["roles"].items()],
        ),
    ]
    if rows["refused"]:
        n_selected = rows["read"] - rows["filtered"]
        shares = [[why, f"{n:,}", f"{n / n_selected:.2%}"] for why, n in rows["refused"].items()]
        lines += ["", table(["refused because", "rows", "share"], shares, right=(1, 2))]
    columns = [f"{name} ({plain_type(dtype)})" for name, dtype in record["columns"].items()]
    lines += ["", f"columns: {', '.join(columns)}"]
    if record["warnings"]:
        lines.append(notes(record["warnings"]))
    return "\n".join(lines)
