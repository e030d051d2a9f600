"""A finished report. Frozen."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.reporting.pictures import Plots

HEIGHT = 700
"""Of the frame that a notebook shows a report in, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Report(Displayed):
    """A report: the page, its charts, and where they were written.

    html : the page, one file that loads nothing
    charts : the charts as SVG files, by name
    sections : the titles of the sections, in order
    out, figures : the file and the directory that were written; None where none was
    """

    html: str
    charts: dict[str, str]
    sections: tuple[str, ...]
    out: Path | None = None
    figures: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: what was made and where it is."""
        return {
            "out": None if self.out is None else str(self.out),
            "figures": None if self.figures is None else str(self.figures),
            "bytes": len(self.html.encode()),
            "sections": list(self.sections),
            "charts": list(self.charts),
        }

    @property
    def plot(self) -> Plots:
        """The charts one by one: `report.plot.whale_curve()`."""
        return Plots(self.charts)

    def facts(self) -> dict[str, object]:
        """Sections and size, and where the page is."""
        return {"sections": len(self.sections), "bytes": len(self.html.encode()), "in": self.out}

    def _repr_html_(self) -> str:
        """The page in a frame of its own, as notebooks show it."""
        return (
            f'<iframe srcdoc="{html.escape(self.html, quote=True)}" title="Report" width="100%" height="{HEIGHT}">'
            f"</iframe>"
        )
