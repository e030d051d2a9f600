"""Samples of a real result: who can be drawn, who is not, and that nothing but the seed decides."""

import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, Sampling, Simulation, open_result, sample, score, simulate


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_500, seed=4, ids="string"), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", layout="flat", measures=False)
    return folder


@pytest.fixture(scope="module")
def customers(folder):
    return open_result(folder / "scores").customers.collect()


def ids_of(found, which):
    return found.customers.filter(list=which)["customer_id"].to_list()


def test_as_many_are_drawn_from_each_segment_and_as_many_more_in_reserve(folder, customers):
    found = sample(folder / "scores", settings={"per_segment": 20, "reserve": 0.5, "seed": 3})
    by_segment = found.customers.group_by("segment", "list").len()
    assert set(by_segment.filter(list="sample")["len"]) == {20}
    assert set(by_segment.filter(list="reserve")["len"]) == {10}
    assert found.customers["customer_id"].is_unique().all()
    own = customers.select("customer_id", segment="rfm_segment")
    assert_frame_equal(
        found.customers.select("customer_id", "segment"),
        found.customers.select("customer_id").join(own, on="customer_id", how="left", maintain_order="left"),
    )
    sizes = dict(customers.drop_nulls("rfm_segment").group_by("rfm_segment").len().iter_rows())
    assert {s.segment: s.n_customers for s in found.strata} == sizes
    for name, rows in found.customers.filter(list="sample").group_by("segment"):
        assert rows["place"].to_list() == list(range(1, 21))
        assert set(rows["weight"]) == {sizes[name[0]] / 20}
    assert found.customers.filter(list="reserve")["weight"].null_count() == 100


def test_details_are_those_of_the_result(folder, customers):
    found = sample(folder / "scores").customers
    names = ["customer_id", "last_purchase", "n_purchase_days", "value"]
    expected = found.select("customer_id").join(
        customers.select(names), on="customer_id", how="left", maintain_order="left"
    )
    assert_frame_equal(found.select(names), expected)


def test_a_total_is_drawn_in_proportion(folder, customers):
    found = sample(folder / "scores", settings={"total": 300})
    n = customers["rfm_segment"].count()
    assert sum(s.n_drawn for s in found.strata) == 300
    for stratum in found.strata:
        assert abs(stratum.n_drawn - 300 * stratum.n_customers / n) < 1.0


def test_neither_layout_nor_other_segments_decide_who_is_drawn(folder, tmp_path):
    score(folder / "log" / "orders", out=tmp_path / "hive", layout="hive", measures=False)
    found = sample(folder / "scores", settings={"seed": 7})
    assert_frame_equal(sample(tmp_path / "hive", settings={"seed": 7}).customers, found.customers)
    alone = sample(folder / "scores", settings={"seed": 7, "segments": ["At risk"]}).customers
    assert_frame_equal(alone, found.customers.filter(segment="At risk"))
    other = sample(folder / "scores", settings={"seed": 8})
    assert set(ids_of(other, "sample")) != set(ids_of(found, "sample"))


def test_who_was_asked_is_not_asked_again(folder, tmp_path):
    first = sample(folder / "scores", settings={"per_segment": 15}, out=tmp_path / "first")
    again = sample(folder / "scores", settings={"per_segment": 15}, exclude=[tmp_path / "first"])
    assert not set(first.customers["customer_id"]) & set(again.customers["customer_id"])
    assert {s.n_excluded for s in again.strata} == {30}
    asked = first.customers.head(3)["customer_id"].to_list()
    (tmp_path / "asked.csv").write_text("\n".join(["who", *asked, "nobody of ours"]) + "\n")
    third = sample(folder / "scores", settings={"per_segment": 10_000}, exclude=[tmp_path / "asked.csv"])
    assert set(asked) & set(third.customers["customer_id"]) == set()
    assert (sum(s.n_excluded for s in third.strata), third.n_unknown) == (3, 1)
    assert "1 of the ids that were excluded are not in the result" in third.warnings
    frame = first.customers.select("customer_id")
    assert sample(folder / "scores", exclude=[frame], settings={"per_segment": 15}).customers.equals(again.customers)


def test_a_segment_of_few_customers_is_drawn_whole_and_better_talked_to(folder):
    found = sample(folder / "scores", settings={"per_segment": 100_000, "interview_below": 100_000})
    assert [(s.n_drawn, s.n_reserve, s.margin_of_error) for s in found.strata] == [
        (s.n_customers, 0, 0.0) for s in found.strata
    ]
    assert {s.method for s in found.strata} == {"interview"}
    told = "\n".join(found.warnings)
    assert "fewer than 100000 customers are in Champions, " in told
    assert "fewer customers than were asked for could be drawn from Champions (" in told
    assert "the reserve is shorter than was asked for in Champions, " in told


def test_other_schemes_have_strata_too(folder, customers):
    found = sample(folder / "scores", settings={"scheme": "clv_tier", "per_segment": 5})
    assert [s.segment for s in found.strata] == ["high", "middle", "low"]
    high = found.customers.filter(segment="high").join(customers, on="customer_id")
    assert set(high["clv_tier"]) == {"high"}


def test_what_is_written_is_what_was_drawn(folder, tmp_path):
    found = sample(folder / "scores", out=tmp_path / "survey")
    assert found.out == tmp_path / "survey"
    written = {path.name for path in (tmp_path / "survey").iterdir()}
    assert written == {
        "sample.parquet",
        "sample.csv",
        "strata.parquet",
        "sample.json",
        "model.json",
        "manifest.json",
        "schema.json",
    }
    assert pl.read_parquet(tmp_path / "survey" / "sample.parquet").equals(found.customers)
    assert pl.read_csv(tmp_path / "survey" / "sample.csv")["customer_id"].equals(found.customers["customer_id"])
    assert pl.read_parquet(tmp_path / "survey" / "strata.parquet").equals(found.table)
    record = json.loads((tmp_path / "survey" / "manifest.json").read_text())
    assert record["definitions"]["per_segment"] == 40
    assert record["inputs"][0]["run_id"] == found.scores
    ids = set(found.customers["customer_id"])
    assert not ids & set(json.dumps([record, found.to_dict()]).replace('"', " ").split())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"segments": ["Stars"]}, '`segment` "Stars": no such segment of rfm; choose one of Champions, '),
        ({"per_segment": 0}, "`per_segment` must be at least 1, not 0"),
        ({"per_segment": 3, "total": 9}, "per_segment=3 and total=9 are both given; "),
        ({"reserve": -1.0}, "reserve=-1.0 is out of range; choose 0 to 100, 1 for as many again"),
        ({"seed": -1}, "seed=-1 is out of range; choose 0 to 18446744073709551615"),
    ],
)
def test_what_cannot_be_drawn_is_refused(folder, settings, message):
    with pytest.raises(InputError) as told:
        sample(folder / "scores", settings=settings)
    assert message in str(told.value)


def test_ids_that_cannot_be_read_are_refused_by_name(folder, tmp_path):
    pl.DataFrame({"a": ["x"], "b": ["y"]}).write_parquet(tmp_path / "asked.parquet")
    with pytest.raises(InputError, match=r'asked.parquet: no column "customer_id" for `exclude_key`; there are a, b'):
        sample(folder / "scores", exclude=[tmp_path / "asked.parquet"])
    pl.DataFrame({"a": [1.5]}).write_parquet(tmp_path / "numbers.parquet")
    with pytest.raises(InputError, match=r'`exclude_key` "a" is Float64, expected String as in the orders'):
        sample(folder / "scores", exclude=[tmp_path / "numbers.parquet"])


def test_a_sample_does_not_replace_what_it_leaves_out(folder, tmp_path):
    sample(folder / "scores", settings={"per_segment": 5}, out=tmp_path / "first")
    for asked in (tmp_path / "first", tmp_path / "first" / "sample.csv"):
        with pytest.raises(InputError, match='first": holds the result that is read'):
            sample(folder / "scores", exclude=[asked], out=tmp_path / "first", overwrite=True)
    assert (tmp_path / "first" / "sample.parquet").is_file()


@pytest.mark.parametrize(("n", "reserve", "expected"), [(10, 1.1, 11), (10, 1.11, 12), (3, 0.1, 1), (7, 0.0, 0)])
def test_a_reserve_is_read_as_the_decimal_that_was_given(n, reserve, expected):
    assert Sampling(reserve=reserve).reserve_of(n) == expected
