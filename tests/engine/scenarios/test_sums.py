"""Sums by segment against whole numbers in plain Python."""

import numpy as np
import polars as pl
import pytest

from whalecurve.engine import InputError
from whalecurve.engine.scenarios.sums import ALL, SegmentSums

SCHEMES = {"rfm": ["Champions", "At risk"], "tier": ["high", "low"]}


def frame(n, seed):
    rng = np.random.default_rng(seed)
    pick = lambda words: [words[i] for i in rng.integers(0, len(words), n)]
    return pl.DataFrame({"rfm": pick(["Champions", "At risk", None]), "tier": pick(["high", "low"])}), rng


def test_sums_are_exact_and_do_not_depend_on_batches():
    labels, rng = frame(500, 1)
    amounts = np.concatenate([rng.normal(0.0, 1e9, 250), rng.lognormal(0.0, 3.0, 250)])
    whole, parts = SegmentSums(SCHEMES, ["a"]), SegmentSums(SCHEMES, ["a"])
    whole.add(labels, [amounts])
    for some in (slice(400, 500), slice(0, 37), slice(37, 400)):
        parts.add(labels[some], [amounts[some]])
    steps = [round(amount * 1e6) for amount in amounts.tolist()]
    for scheme, names in SCHEMES.items():
        for name in [*names, None]:
            own = [step for step, label in zip(steps, labels[scheme], strict=True) if label == name]
            assert whole.of(scheme, name) == parts.of(scheme, name) == (len(own), {"a": sum(own) / 10**6})
    assert whole.of(ALL, None) == (500, {"a": sum(steps) / 10**6})


def test_a_number_beyond_exact_sums_is_refused():
    with pytest.raises(InputError, match="suppose smaller changes"):
        SegmentSums(SCHEMES, ["a"]).add(frame(1, 0)[0], [np.array([1e13])])
