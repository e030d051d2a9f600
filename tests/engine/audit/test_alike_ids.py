import polars as pl
import pytest

from whalecurve.engine.audit.alike_ids import alike_ids


@pytest.mark.parametrize(
    ("ids", "n", "steps"),
    [
        (["ann", "Ann", "bob", "ANN "], 2, '["trim", "lower"]'),
        (["ann", "ann ", "\tbob", "bob", "Eve"], 3, '["trim"]'),
        (["ann", "Ann", "ÉVA", "éva"], 2, '["lower"]'),
    ],
)
def test_ids_alike_but_for_case_and_white_space_are_told_with_what_makes_them_one(ids, n, steps):
    (said,) = alike_ids(pl.Series(ids))
    assert said.startswith(f"customer ids that differ in case or white space alone: the {len(ids)} ids are {n} without")
    assert said.endswith(f"give normalise_ids={steps}")


def test_ids_that_differ_otherwise_and_numbers_say_nothing():
    assert alike_ids(pl.Series(["ann", "bob", "Eve", " x"])) == []
    assert alike_ids(pl.Series([1, 2, 3])) == []
    assert alike_ids(pl.Series([b"a", b"A"])) == []


def test_a_few_codes_that_are_alike_by_chance_are_not_remarked():
    codes = [f"u{i}" for i in range(5_000)]
    assert alike_ids(pl.Series([*codes, "U17"])) == []
    assert len(alike_ids(pl.Series([*codes, *(f"U{i}" for i in range(6))]))) == 1
