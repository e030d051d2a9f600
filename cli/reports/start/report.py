"""A report that was made: where it is, and what is in it."""

from typing import TYPE_CHECKING

from whalecurve.cli.reports.text_tables import count, size

if TYPE_CHECKING:
    from whalecurve.engine import Report


def report_text(made: "Report") -> str:
    """The sections, how large the page is, and where it was written."""
    record = made.to_dict()
    lines = [
        f"{count(len(made.sections), 'section')}, {count(len(made.charts), 'chart')}: {', '.join(made.sections)}",
        f"{record['out']}, {size(record['bytes'])}",
    ]
    if made.figures is not None:
        lines.append(f"{count(len(made.charts), 'chart')} in {made.figures}")
    return "\n".join(lines)
