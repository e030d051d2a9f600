"""Clusters of customers. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.clusters.density import Density
from whalecurve.engine.clusters.saved import Saved
from whalecurve.engine.clusters.settings import ClusterSettings
from whalecurve.engine.notebook import Displayed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Clustered(Displayed):
    """Customers of a result divided into clusters.

    customers : customer_id, cluster (from 1, the largest first) and rfm_segment, in order of the ids; those who lack
        a column are not there
    clusters : customers, share and a description of each
    profile : medians of the columns by cluster; crossed : customers by cluster and RFM segment
    stability : of each number of clusters that was tried; empty where clusters were applied
    saved : what divides customers; None where no number was stable: nobody is in a cluster then
    density : what a density method finds; None where clusters were applied
    rfm_agreement : adjusted Rand index with the RFM segments; None without clusters
    n_left_out : customers who lack a column, as those who never bought do
    applied : the result whose clusters these are; None where they were found here
    """

    customers: pl.DataFrame
    clusters: pl.DataFrame
    profile: pl.DataFrame
    crossed: pl.DataFrame
    stability: pl.DataFrame
    saved: Saved | None
    density: Density | None
    rfm_agreement: float | None
    n_left_out: int
    applied: str | None
    as_of: str
    settings: ClusterSettings
    scores: dict[str, str]
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: all but the customers."""
        return {
            "as_of": self.as_of,
            "scores": self.scores,
            "applied": self.applied,
            "settings": asdict(self.settings) | {"columns": list(self.settings.columns), "k": list(self.settings.k)},
            "customers": self.customers.height,
            "left_out": self.n_left_out,
            "clusters": self.clusters.to_dicts(),
            "profile": self.profile.to_dicts(),
            "crossed": self.crossed.to_dicts(),
            "stability": self.stability.to_dicts(),
            "density": None if self.density is None else self.density.to_dict(),
            "rfm_agreement": self.rfm_agreement,
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """How many clusters there are, and how they agree with RFM segments."""
        return {
            "customers": self.customers.height,
            "clusters": self.clusters.height,
            "agreement with RFM segments": self.rfm_agreement,
            "in": self.out,
        }
