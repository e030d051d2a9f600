"""RFM segments: the name that the scheme has for the three scores."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.scored_dozen import DOZEN, SOULMATES, STANDARD
from whalecurve.engine.segments import with_rfm_segment


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_a_dozen_customers_are_in_the_segments_read_off_the_table(engine):
    named = with_rfm_segment(DOZEN.lazy(), STANDARD).collect(engine=engine)
    assert named["rfm_segment"].to_list() == [
        "Champions",
        "Champions",
        "Loyal customers",
        "New customers",
        "Promising",
        "Potential loyalists",
        "Need attention",
        "Can't lose them",
        "At risk",
        "Hibernating",
        "Hibernating",
        None,
    ]
    assert_frame_equal(named.drop("rfm_segment"), DOZEN)


def test_every_cell_gets_the_segment_of_its_scheme():
    scores = pl.DataFrame(
        SOULMATES.cells, schema=dict.fromkeys(("r_score", "f_score", "m_score"), pl.UInt8), orient="row"
    )
    named = with_rfm_segment(scores.lazy(), SOULMATES).collect(engine="streaming")
    expected = [(segment := SOULMATES.segment_of(cell)) and segment.name for cell in SOULMATES.cells]
    assert named["rfm_segment"].to_list() == expected
