import polars as pl

from whalecurve.engine.schemes import QualityRules
from whalecurve.engine.segment_quality import unstable


def test_segments_that_few_stay_in_are_unstable():
    flows = pl.DataFrame(
        {"segment": ["A", "B", "C", None], "customers_old": [100, 100, 9, 100], "retained_share": [0.49, 0.5, 0.1, 0.1]}
    )
    assert unstable(flows, QualityRules()) == ["A: 49% of its 100 customers are still in it"]
    assert unstable(flows, QualityRules(stays_from=0.4)) == []
