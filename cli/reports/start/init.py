"""How an order log may be read, in words."""

from typing import Any

from whalecurve.cli.errors import in_options, option_of
from whalecurve.cli.reports.phrases import notes, paragraphs

INDENT = 13


def proposal_text(record: dict[str, Any], following: str) -> str:
    """What was decided and why, what is not sure, where it is written, and the command that follows."""
    kind = f"{record['title']}, recognised by its columns" if record["title"] else "no export that is known"
    decided = []
    for name, value in record["settings"].items():
        decided.append(f"{option_of(name).removeprefix('--'):<{INDENT}}{value}")
        if record["why"][name]:
            decided.append(f"{'':<{INDENT}}{record['why'][name]}")
    n_refused = sum(record["refused"].values())
    why = ", ".join(f"{n:,} {reason}" for reason, n in record["refused"].items())
    tried = f"of {record['lines_tried']:,} lines, {record['lines_tried'] - n_refused:,} can be used"
    compared = f"columns to compare by: {', '.join(record['dimensions'])}" if record["dimensions"] else ""
    return paragraphs(
        [
            f"{record['log']}: {kind}; {record['rows_sampled']:,} rows looked at",
            "\n".join(decided),
            tried + (f"; {n_refused:,} are refused ({why})" if n_refused else ""),
            "\n".join(f"not sure: {in_options(words)}" for words in record["doubts"]),
            notes(record["notes"]),
            compared,
            f"written to {record['written']}\nnext: {following}",
        ]
    )
