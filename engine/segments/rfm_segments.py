"""Stage: R, F and M scores -> RFM segment."""

import polars as pl

from whalecurve.engine.coded_words import labelled
from whalecurve.engine.schemes import Scheme


def with_rfm_segment(customers: pl.LazyFrame, scheme: Scheme) -> pl.LazyFrame:
    """Add rfm_segment, the scheme's name for the cell (r_score, f_score, m_score); null where there are no scores."""
    names = [segment.name for cell in scheme.cells if (segment := scheme.segment_of(cell)) is not None]
    r, f, m = (pl.col(name).cast(pl.Int16) - 1 for name in ("r_score", "f_score", "m_score"))
    return customers.with_columns(rfm_segment=labelled(names, (r * scheme.bins + f) * scheme.bins + m))
