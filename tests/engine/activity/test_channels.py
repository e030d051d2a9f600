"""Preferred channels: the weight of the prior is found, and shares are posterior means that sum to one."""

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.activity.channels import preferred_channels

SHARES = np.array([0.5, 0.3, 0.2])


def days_of(counts):
    rows = [(n, name, int(k)) for n, own in enumerate(counts) for name, k in zip("abc", own, strict=True) if k]
    return pl.DataFrame(rows, schema={"customer_id": pl.Int64, "channel": pl.String, "k": pl.Int64}, orient="row")


def test_the_days_that_a_prior_is_worth_are_found():
    rng = np.random.default_rng(3)
    own = rng.dirichlet(4.0 * SHARES, 4_000)
    _, shares, strength = preferred_channels(days_of([rng.multinomial(rng.integers(1, 20), p) for p in own]))
    assert strength == pytest.approx(4.0, rel=0.1)
    assert list(shares) == ["a", "b", "c"]
    assert list(shares.values()) == pytest.approx(SHARES, abs=0.03)


def test_customers_who_differ_by_chance_alone_have_the_shares_of_all():
    rng = np.random.default_rng(4)
    _, _, strength = preferred_channels(days_of(rng.multinomial(12, SHARES, 4_000)))
    assert strength > 150.0


def test_of_the_channels_of_a_customer_the_largest_share_wins_and_then_the_commoner():
    days = days_of([[3, 1, 0], [0, 2, 2], [9, 0, 0], [0, 0, 5]])
    best, shares, strength = preferred_channels(days)
    told = {row["customer_id"]: row for row in best.to_dicts()}
    assert [told[n]["preferred_channel"] for n in range(4)] == ["a", "c", "a", "c"]
    assert shares == pytest.approx({"a": 12 / 22, "c": 7 / 22, "b": 3 / 22})
    assert told[0]["preferred_channel_share"] == pytest.approx((3 + strength * 12 / 22) / (4 + strength), rel=1e-12)
