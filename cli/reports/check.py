"""What is in an order log, in words and tables."""

from typing import Any

from whalecurve.cli.reports.phrases import notes
from whalecurve.cli.reports.text_tables import count, money, size, table


def check_text(found: dict[str, Any]) -> str:
    """Files, usable lines, roles, what is refused and why, columns."""
    rows = found["rows"]
    n_bytes = f", {size(found['bytes'])}" if found["bytes"] is not None else ""
    lines = [
        f"{count(found['files'], 'file')}, {count(rows['read'], 'row')}{n_bytes}",
        f"{rows['used']:,} usable order lines of {count(found['customers'], 'customer')}, "
        f"{found['first_day']} to {found['last_day']}; {found['return_lines']:,} of them returns",
        f"net amount {money(found['amount'])}"
        + (f", margin {money(found['margin'])}" if found["margin"] is not None else ""),
        "",
        table(["role", "mapping", "type"], [[role, r["mapping"], r["type"]] for role, r in found["roles"].items()]),
    ]
    if rows["refused"]:
        shares = [[why, f"{n:,}", f"{n / rows['read']:.2%}"] for why, n in rows["refused"].items()]
        lines += ["", table(["refused because", "rows", "share"], shares, right=(1, 2))]
    columns = [f"{name} ({dtype})" for name, dtype in found["columns"].items()]
    lines += ["", f"columns: {', '.join(columns)}"]
    if found["warnings"]:
        lines.append(notes(found["warnings"]))
    return "\n".join(lines)
