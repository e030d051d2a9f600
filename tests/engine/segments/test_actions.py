"""What each customer's groups say to do, and which of it comes first."""

import dataclasses

import polars as pl
import pytest

from tests.support.scored_dozen import DOZEN, STANDARD, decided
from whalecurve.engine.coded_words import labelled
from whalecurve.engine.segments.actions import actions_of, with_actions

# Who bought once is new here; z never bought. The tiers are of no step of the usual precedence.
NEW = "dejk"


def placed(scheme=STANDARD, **options):
    buys = pl.col("n_orders") > 0
    stage = pl.when(buys).then(pl.when(pl.col("customer_id").is_in(list(NEW))).then(0).otherwise(1))
    return decided(DOZEN, scheme, **options).with_columns(
        lifecycle_stage=labelled([label.name for label in scheme.lifecycle.labels], stage),
        clv_tier=labelled([label.name for label in scheme.clv_tiers.labels], pl.when(buys).then(2)),
        loyalty_tier=labelled([label.name for label in scheme.loyalty.labels], pl.when(buys).then(3)),
    )


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_the_first_step_that_applies_gives_the_action(engine):
    found = with_actions(placed(), STANDARD).collect(engine=engine)
    origins = dict(found.select("customer_id", "next_best_action_from").rows())
    assert origins == {
        "a": "segment: Champions",
        "b": "matrix: Retain",  # a champion too
        "c": "segment: Loyal customers",
        **dict.fromkeys("dejk", "lifecycle: new"),  # and Divest, all four
        "f": "segment: Potential loyalists",
        "g": "segment: Need attention",
        "h": "segment: Can't lose them",
        "i": "segment: At risk",
        "z": None,
    }
    assert found["next_best_action"][1] == STANDARD.retain.action == found["matrix_action"][1]
    assert found["segment_action"][1] == STANDARD.segments[0].action
    assert found["next_best_action"][3] == STANDARD.lifecycle.new.action
    assert found.row(-1)[-3:] == (None, None, None)


def test_where_risk_is_withheld_the_next_step_gives_it():
    found = with_actions(placed(is_risk_withheld=True), STANDARD).collect()
    assert found["matrix_action"].null_count() == 12
    assert found["next_best_action_from"][1] == "segment: Champions"


def test_a_part_before_its_whole_division_comes_first():
    own = dataclasses.replace(STANDARD, precedence=("matrix.divest", "clv_tier.low", "matrix"))
    found = with_actions(placed(own), own).collect()
    at = {name: "".join(group["customer_id"]) for (name,), group in found.group_by("next_best_action_from")}
    assert at == {"matrix: Divest": "dehijk", "clv_tier: low": "abcfg", None: "z"}
    expected = ["matrix: Divest", "clv_tier: low", "matrix: Retain", "matrix: Grow", "matrix: Maintain"]
    assert [origin for origin, _ in actions_of(own)] == expected
