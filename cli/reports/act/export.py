"""Exported lists as text: how many rows, and who was left out and why; no id and no contact is printed."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, table


def export_text(data: dict[str, Any], out: Path) -> str:
    """A line a file, then the contacts that could not be used, and the notes."""
    lists = data["lists"]
    headline = f"{data['title']}: {count(data['rows'], 'row')} in {count(len(lists), 'file')}, as of {data['as_of']}"
    reasons = [why for why in (lists[0]["left_out"] if lists else ()) if any(one["left_out"][why] for one in lists)]
    gone = ["gone"] if any(one["gone"] for one in lists) else []
    rows = [
        [
            one["file"],
            f"{one['customers']:,}",
            *(f"{one['left_out'][why]:,}" for why in reasons),
            f"{one['rows']:,}",
            *(f"{one['gone']:,}" for _ in gone),
        ]
        for one in lists
    ]
    header = ["file", "customers", *reasons, "rows", *gone]
    return paragraphs(
        [
            headline,
            table(header, rows, range(1, len(header))) if lists else "",
            _contacts(lists),
            notes(data["warnings"]),
            written_to(out),
        ]
    )


def _contacts(lists: list[dict[str, Any]]) -> str:
    """Contacts that could not be used, also of customers who have another one."""
    unusable: dict[str, int] = {}
    for one in lists:
        for why, n in one["unusable_contacts"].items():
            unusable[why] = unusable.get(why, 0) + n
    shared = sum(one["phones_of_better_customers"] for one in lists)
    lines = (
        [f"contacts that cannot be used: {', '.join(f'{n:,} {why}' for why, n in unusable.items())}"]
        if unusable
        else []
    )
    if shared:
        lines.append(f"phone numbers left out, as a better customer has the same: {shared:,}")
    return "\n".join(lines)
