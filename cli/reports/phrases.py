"""What several reports say in the same words, and how their blocks are put together."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from whalecurve.cli.errors import in_options
from whalecurve.engine.paths import unfolded


def paragraphs(blocks: Iterable[str]) -> str:
    """Blocks with an empty line between; empty blocks are left out."""
    return "\n\n".join(block for block in blocks if block)


def lines_read(rows: dict[str, Any], n_without_customer: int = 0) -> str:
    """How many order lines were read, filtered by the user's own condition, used and refused, and why.

    n_without_customer : how many of those used name no customer, where such lines count
    """
    refused = sum(rows["refused"].values())
    why = ", ".join(f"{n:,} {reason}" for reason, n in rows["refused"].items())
    guests = f" (of which {n_without_customer:,} lines without customer)" if n_without_customer else ""
    told = f" ({why})" if why else ""
    filtered = f"{rows['filtered']:,} filtered by --where or --keep, " if rows["filtered"] else ""
    return f"{rows['read']:,} order lines read: {filtered}{rows['used']:,} used{guests}, {refused:,} refused{told}"


def purchases_counted(definitions: Mapping[str, Any]) -> str:
    """What the models count: purchases, or periods with one."""
    period = definitions["period"]
    return "purchases" if period is None else f"{period}s with a purchase"


def notes(warnings: Iterable[str]) -> str:
    """A line a warning, with the options of the command line for the settings that it names."""
    return "\n".join(f"note: {in_options(words)}" for words in warnings)


def written_to(out: Path | str | None) -> str:
    """Where the result is; nothing where none was written."""
    return "" if out is None else f"written to {unfolded(out)}"


def json_text(record: dict[str, Any]) -> str:
    """A record as JSON for people and programs: indented, letters as they are, never NaN."""
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)


def not_reliable(manifest: Mapping[str, Any]) -> list[str]:
    """A line on why CLV and risk are not reliable; none where they are, or where the record does not say."""
    found = manifest.get("reliability")
    if not found or found["is_reliable"]:
        return []
    return [f"CLV and risk are not reliable: {'; '.join(found['reasons'])}"]
