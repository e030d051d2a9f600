"""RFM scores and thresholds, and cut-offs of shares: ties kept together."""

from whalecurve.kernels.rfm.mid_ranks import pivots, reaching
from whalecurve.kernels.rfm.nested_scores import cells, counts_within, grouped, score_counts
from whalecurve.kernels.rfm.quantile_scores import count_thresholds, scores, thresholds

__all__ = [
    "cells",
    "count_thresholds",
    "counts_within",
    "grouped",
    "pivots",
    "reaching",
    "score_counts",
    "scores",
    "thresholds",
]
