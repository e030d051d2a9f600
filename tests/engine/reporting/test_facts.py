"""What a report reads of a result: cells and bins against plain counting."""

import math
from collections import Counter

import polars as pl
import pytest

from tests.support.logs import simple_log, write
from whalecurve import engine
from whalecurve.engine.reporting.facts import EDGES, TAIL, gather


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("facts")
    orders = write(folder / "orders.parquet", simple_log(6_000, 700, seed=3))
    engine.score(orders, out=folder / "scores")
    return folder / "scores"


@pytest.fixture(scope="module")
def customers(scores):
    return engine.open_result(scores).customers.collect()


def test_cells_are_the_customers_counted_by_their_scores(scores, customers):
    scored = customers.drop_nulls("r_score")
    n = Counter(scored.select("r_score", "f_score").iter_rows())
    cells = gather(scores).cells
    assert {(r, f): count for r, f, count, _ in cells.iter_rows()} == n
    for r, f, _, value in cells.iter_rows():
        values = scored.filter(r_score=r, f_score=f)["value"]
        assert value == pytest.approx(math.fsum(values), rel=1e-12)
    assert cells.rows() == sorted(cells.rows())


def test_bins_are_the_customers_counted_by_their_clv(scores, customers):
    bins = gather(scores).clv_bins
    clv = customers["clv"].drop_nulls().to_list()
    assert bins["customers"].sum() == len(clv)
    for low, high, n in bins.iter_rows():
        assert n == sum((low is None or x >= low) and (high is None or x < high) for x in clv)


def test_bins_follow_on_one_another_and_only_the_few_at_the_ends_are_put_together(scores):
    bins = gather(scores).clv_bins
    assert bins["low"][1:].to_list() == bins["high"][:-1].to_list()
    assert set(bins["high"].drop_nulls()) | set(bins["low"].drop_nulls()) <= set(EDGES)
    n = bins["customers"].sum()
    assert all(count <= TAIL * n for low, high, count in bins.iter_rows() if low is None or high is None)


def test_the_layout_of_the_result_changes_nothing(scores, tmp_path):
    engine.score(scores.parent / "orders.parquet", out=tmp_path / "hive", layout="hive")
    hive, flat = gather(tmp_path / "hive"), gather(scores)
    assert hive.cells.equals(flat.cells)
    assert hive.clv_bins.equals(flat.clv_bins)


def test_measures_are_those_of_all_customers(scores):
    facts = gather(scores)
    for table in (facts.periods, facts.cohorts, facts.gaps):
        assert table["group"].unique().to_list() == ["all"]
    assert facts.of_all()["customers"] == facts.manifest["customers"]["all"]


def test_a_result_without_measures_and_clv_has_none(tmp_path):
    orders = write(tmp_path / "orders.parquet", simple_log(40, 20, seed=1).with_columns(margin=pl.lit(-1.0)))
    engine.score(orders, out=tmp_path / "scores", measures=False)
    facts = gather(tmp_path / "scores")
    assert (facts.measures, facts.periods, facts.of_all(), facts.clv_bins.height) == (None, None, None, 0)
    assert not facts.has_clv


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    orders = write(tmp_path / "orders.parquet", simple_log(40, 20, seed=1))
    engine.score(orders, out=tmp_path / "scores")
    (tmp_path / "scores" / "concentration.parquet").write_bytes(b"none")
    with pytest.raises(engine.InputError, match=r"concentration\.parquet: cannot be read"):
        gather(tmp_path / "scores")
