"""What a run of the main job did."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whalecurve.engine.reporting import Report


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

    def report(self, **options: Any) -> "Report":  # noqa: ANN401 - those of `report`, which checks them
        """The result as a page to be read; options are those of `engine.report`."""
        from whalecurve.engine.reporting.report import report  # imported late: the main job has no need of it

        return report(self.out, **options)
