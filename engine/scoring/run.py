"""What a run of the main job did."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A published result: where it is, and what `manifest.json`, `model.json` and `segments.parquet` say.

    measures : what `measures.json` says; None where there are no measures over time
    """

    out: Path
    manifest: dict[str, Any]
    model: dict[str, Any]
    segments: list[dict[str, Any]]
    measures: dict[str, Any] | None = None
