"""What labels claim, and of whom."""

import polars as pl

from whalecurve.engine.label_checks.claims import claims_of
from whalecurve.engine.schemes.scheme import load_scheme

STANDARD = load_scheme("standard")


def of(scheme, source=STANDARD):
    return {claim.label: claim for claim in claims_of(source) if claim.scheme == scheme}


def test_every_part_of_every_scheme_is_held_against_what_happened():
    for source in (STANDARD, load_scheme("soulmates"), load_scheme("standard", bins=3)):
        parts = [
            source.matrix,
            source.segments,
            source.clv_tiers.labels,
            source.lifecycle.labels,
            source.loyalty.labels,
        ]
        names = [part.name for scheme in parts for part in scheme]
        assert [claim.label for claim in claims_of(source) if claim.scheme not in ("risk", "spend_falling")] == names


def test_segments_claim_by_how_recent_they_are():
    says = {label: (claim.says, claim.among is None) for label, claim in of("rfm").items()}
    assert says == {
        "Champions": ("more", False),
        "Loyal customers": ("more", True),  # R of 3 and 4, F of 4 and 5: above the middle in the mean
        "Potential loyalists": ("more", False),
        "New customers": ("more", False),
        "Promising": ("more", False),
        "Need attention": (None, True),  # 3 and 3
        "About to sleep": ("less", True),  # 3, and 1 to 2
        "Can't lose them": ("less", False),
        "At risk": ("less", False),
        "Hibernating": ("less", False),
    }


def test_a_segment_apart_is_compared_with_customers_of_its_purchases():
    among = of("rfm")["At risk"].among
    assert pl.DataFrame({"f_score": [1, 2, 3, 4, 5]}).select(among).to_series().to_list() == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_tier_is_compared_with_those_below_and_the_last_with_all():
    tiers = of("loyalty_tier")
    names = [tier.name for tier in STANDARD.loyalty.labels]
    frame = pl.DataFrame({"loyalty_tier": pl.Series(names, dtype=pl.Enum(names))})
    assert [(tiers[name].says, tiers[name].outcome) for name in names] == [
        *[("more", "spent")] * 3,
        ("less", "spent"),
    ]
    assert tiers["platinum"].among is None
    assert tiers["bronze"].among is None
    assert frame.select(tiers["silver"].among).to_series().to_list() == [False, False, True, True]
    assert frame.select(tiers["silver"].has_label).to_series().to_list() == [False, False, True, False]


def test_cells_of_the_matrix_are_compared_within_their_value():
    cells = of("matrix")
    assert {label: (claim.says, claim.outcome, claim.compared_with) for label, claim in cells.items()} == {
        "Retain": ("less", "bought", "others of high value"),
        "Divest": ("less", "spent", "all others"),
        "Grow": ("more", "spent", "all others"),
        "Maintain": ("more", "bought", "others of low value"),
    }


def test_stages_are_compared_with_those_before():
    stages = [stage.name for stage in STANDARD.lifecycle.labels]
    frame = pl.DataFrame({"lifecycle_stage": pl.Series(stages, dtype=pl.Enum(stages)), "n_purchase_days": [1, 2, 1, 3]})
    claims = of("lifecycle_stage")
    assert frame.select(claims["dormant"].among).to_series().to_list() == [True, True, True, False]
    assert frame.select(claims["new"].among).to_series().to_list() == [True, False, True, False]
    assert [claims[stage].says for stage in stages] == ["more", "more", "less", "less"]
