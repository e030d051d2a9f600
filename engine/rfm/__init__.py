"""R, F and M scores of customers, and the cut-offs that they are given by."""

from whalecurve.engine.rfm.cuts_file import read_cuts
from whalecurve.engine.rfm.nested import AnyThresholds, NestedThresholds, nested_thresholds, thresholds_from_dict
from whalecurve.engine.rfm.scores import RULE, Thresholds, rfm_thresholds, thresholds_of, with_rfm

__all__ = [
    "RULE",
    "AnyThresholds",
    "NestedThresholds",
    "Thresholds",
    "nested_thresholds",
    "read_cuts",
    "rfm_thresholds",
    "thresholds_from_dict",
    "thresholds_of",
    "with_rfm",
]
