"""A result of the main job for whoever asked for it: its record, its customers as a frame, and what comes next."""

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.publication import Result, open_result

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from whalecurve.engine.audiences.results import Exported
    from whalecurve.engine.reporting import Plots, Report

SHOWN = ("segment", "customers", "customer_share", "value", "value_share", "clv", "mean_churn_risk", "action")
"""Columns of `segments.parquet` that a notebook shows of the RFM segments."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Run(Displayed, Result):
    """A published result of `score`: where it is, what it says, and the customers, read when they are asked for.

    Functions that take the directory of a result take this as well.
    """

    @property
    def out(self) -> Path | str:
        """The directory that was written, or the URL of a place on an object store."""
        return self.path

    def to_polars(self) -> pl.DataFrame:
        """The customers in memory, in the order of their ids."""
        return self.customers.sort("customer_id").collect()

    def to_arrow(self) -> "pa.Table":
        """The customers as an Arrow table."""
        return self.to_polars().to_arrow()

    def to_pandas(self) -> "pd.DataFrame":
        """The customers as a pandas frame, which needs pandas to be installed."""
        return self.to_polars().to_pandas()

    def report(self, **options: Any) -> "Report":  # noqa: ANN401 - those of `report`, which checks them
        """The result as a page to be read; options are those of `engine.report`."""
        from whalecurve.engine.reporting.report import report  # imported late: the main job has no need of it

        return report(self.path, **options)

    def export(self, target: str, **options: Any) -> "Exported":  # noqa: ANN401 - those of `export`, which checks them
        """Lists of the customers for a tool; options are those of `engine.export`."""
        from whalecurve.engine.audiences.export import export  # imported late: the main job has no need of it

        return export(self.path, target, **options)

    @cached_property
    def plot(self) -> "Plots":
        """The charts of its report one by one, as notebooks show them: `run.plot.whale_curve()`."""
        return self.report().plot

    def _repr_html_(self) -> str:
        segments = self.segments.filter(scheme="rfm").select(SHOWN)
        return f"{super()._repr_html_()}{segments._repr_html_()}"

    def facts(self) -> dict[str, object]:
        """Customers, their value and their forecast."""
        counts, settings = self.manifest["customers"], self.definitions
        return {
            "customers": counts["all"],
            "repeat customers": counts["repeat"],
            "as of": self.as_of,
            settings["value"]: self.manifest["concentration"]["all"]["total"],
            f"customer lifetime value over {settings['horizon_days']} days": counts["clv"],
            "in": self.path,
        }


def open_run(path: str | Path) -> Run:
    """Open what `score` wrote to a directory earlier.

    Parameters
    ----------
    path
        Directory that `score` wrote, or its place on an object store.

    Returns
    -------
    Run
        What `score` returned.

    Raises
    ------
    InputError
        As `open_result`.

    Examples
    --------
    >>> import whalecurve as wc
    >>> run = wc.open_run("scores")
    >>> run.segments.columns[:3]
    ['scheme', 'segment', 'customers']
    """
    result = open_result(path)
    return Run(**{field.name: getattr(result, field.name) for field in fields(result)})
