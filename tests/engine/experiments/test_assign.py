"""Customers of a real result in arms: the same ones always, exactly as many as are due, and never changed again."""

import hashlib
import json
from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, Simulation, assign_experiment, open_result, score, simulate
from whalecurve.engine.experiments import COLUMNS, EVERYBODY, KNOWN, RECORD, read_experiment, scan_assignment

DESIGN = {"name": "spring", "arms": "offer:0.45,control:0.45,holdout:0.1"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A log, and results of it as of two days."""
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=2_000, seed=4, ids="string"), folder / "log")
    score(folder / "log" / "orders", out=folder / "now", layout="flat", measures=False)
    earlier = {"as_of": str(date.fromordinal(open_result(folder / "now").as_of.toordinal() - 200))}
    score(folder / "log" / "orders", out=folder / "before", window=earlier, layout="hive", measures=False)
    return folder


@pytest.fixture(scope="module")
def customers(shop):
    return open_result(shop / "now").customers.collect().sort("customer_id")


def arm_by_hand(text, name="spring"):
    bucket = Fraction(int(hashlib.md5(f"{name}:{text}".encode()).hexdigest()[:16], 16) >> 11, 2**53)
    return "offer" if bucket < Fraction("0.45") else "control" if bucket < Fraction("0.9") else "holdout"


def test_every_customer_is_in_the_arm_of_their_hash(shop, customers):
    found = assign_experiment(shop / "now", design=DESIGN)
    own = found.customers.collect()
    assert own["customer_id"].to_list() == customers["customer_id"].to_list()
    assert own["arm"].to_list() == [arm_by_hand(text) for text in own["customer_id"]]
    assert own["stratum"].unique().to_list() == [EVERYBODY]
    assert not own["in_holdout"].any()
    assert own["entered"].unique().to_list() == [date.fromordinal(open_result(shop / "now").as_of.toordinal() + 1)]
    assert found.record.counts == dict(own.group_by("arm").len().iter_rows())
    assert dict(own.schema) == {"customer_id": pl.String(), **COLUMNS}


def test_what_was_known_is_what_the_result_says(shop, customers):
    own = assign_experiment(shop / "now", design=DESIGN).customers.collect()
    assert_frame_equal(own.select(*KNOWN), customers.select(*KNOWN))
    assert own["segment"].to_list() == customers["rfm_segment"].to_list()


def test_the_same_customer_is_in_the_same_arm_by_another_result_segment_or_layout(shop):
    every = assign_experiment(shop / "now", design=DESIGN).customers.select("customer_id", "arm", "bucket")
    for scores, more in (("before", {}), ("now", {"segments": ["At risk"]}), ("now", {"strata": ["rfm", "matrix"]})):
        own = assign_experiment(shop / scores, design=DESIGN | more).customers.select("customer_id", "arm", "bucket")
        both = own.join(every, on="customer_id", how="inner", suffix="_other").collect()
        assert 0 < both.height <= every.collect().height
        assert both["arm"].to_list() == both["arm_other"].to_list()
        assert both["bucket"].to_list() == both["bucket_other"].to_list()


def test_layout_does_not_decide_what_is_written(shop, tmp_path):
    score(shop / "log" / "orders", out=tmp_path / "hive", layout="hive", measures=False)
    design = DESIGN | {"method": "balanced", "strata": ["rfm"], "held_out": "5%"}
    for name, scores in (("a", shop / "now"), ("b", tmp_path / "hive")):
        assign_experiment(scores, design=design, out=tmp_path / name)
    for file in ("assignment.parquet", "assignment.csv", "arms.parquet", RECORD):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_balanced_shares_are_exact_in_each_stratum(shop):
    design = DESIGN | {"method": "balanced", "strata": ["rfm", "lifecycle_stage"], "arms": "offer:0.5,control:0.5"}
    own = assign_experiment(shop / "now", design=design).customers.collect()
    counts = own.pivot("arm", index="stratum", values="customer_id", aggregate_function="len").fill_null(0)
    assert (counts["offer"].cast(pl.Int64) - counts["control"].cast(pl.Int64)).abs().max() <= 1
    assert counts.height > 5
    in_order = own.filter(stratum=counts.sort("offer")["stratum"][-1]).sort("bucket")["arm"].to_list()
    assert in_order == sorted(in_order, reverse=True)  # offer first, then control


def test_the_universal_holdout_is_the_same_for_all_experiments_and_in_no_arm(shop):
    spring, summer = (
        assign_experiment(shop / "now", design=DESIGN | {"held_out": "20%", "name": name}).customers.collect()
        for name in ("spring", "summer")
    )
    assert spring["in_holdout"].to_list() == summer["in_holdout"].to_list()
    assert 0.15 < spring["in_holdout"].mean() < 0.25
    assert spring.filter("in_holdout")["arm"].null_count() == spring["in_holdout"].sum()
    assert spring.filter(~pl.col("in_holdout"))["arm"].null_count() == 0
    smaller = assign_experiment(shop / "now", design=DESIGN | {"held_out": "10%"}).customers.collect()
    assert set(smaller.filter("in_holdout")["customer_id"]) < set(spring.filter("in_holdout")["customer_id"])
    rotated = assign_experiment(shop / "now", design=DESIGN | {"held_out": "20%", "holdout_name": "2027"})
    assert rotated.customers.collect()["in_holdout"].to_list() != spring["in_holdout"].to_list()


def test_nobody_is_in_two_parts_of_a_layer(shop, customers):
    parts = ("mail:0-1/3", "mail:1/3-50%", "mail:0.5-1")
    found = []
    for i, part in enumerate(parts):
        own = assign_experiment(shop / "now", design=DESIGN | {"name": f"e{i}", "layer": part}).customers.collect()
        found.append(set(own["customer_id"]))
    assert sum(map(len, found)) == customers.height
    assert set.union(*found) == set(customers["customer_id"])
    assert 0.28 < len(found[0]) / customers.height < 0.39


def test_an_experiment_is_on_disk_as_it_is_in_memory(shop, tmp_path):
    design = DESIGN | {"hypothesis": "An offer brings them back", "effect": 0.03, "looks": 4, "segments": ["at risk"]}
    found = assign_experiment(shop / "now", design=design, start="2030-01-01", out=tmp_path / "spring")
    assert_frame_equal(scan_assignment(tmp_path / "spring").collect(), found.customers.collect())
    record = read_experiment(tmp_path / "spring")
    assert record == found.record
    assert record.design.segments == ("At risk",)
    assert (record.design.metric, record.started) == ("margin", date(2030, 1, 1))
    assert "3" in found.warnings[0].partition(" days after ")[0]
    own = pl.read_csv(tmp_path / "spring" / "assignment.csv")
    assert own["customer_id"].to_list() == found.customers.collect()["customer_id"].to_list()
    assert own["bucket"].to_list() == found.customers.collect()["bucket"].to_list()
    manifest = json.loads((tmp_path / "spring" / "manifest.json").read_text())
    assert manifest["command"] == "experiment assign"
    assert {file["path"] for file in manifest["outputs"]} == {
        "assignment.parquet", "assignment.csv", "arms.parquet", RECORD, "model.json", "schema.json"
    }  # fmt: skip


def test_assigning_again_from_the_same_result_changes_nothing(shop, tmp_path):
    assign_experiment(shop / "now", design=DESIGN, out=tmp_path / "spring")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "spring").iterdir()}
    again = assign_experiment(shop / "now", design=DESIGN, out=tmp_path / "spring")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "spring").iterdir()} == before
    assert again.n_new == 0
    assert again.record == read_experiment(tmp_path / "spring")


@pytest.mark.parametrize("method", ["hash", "balanced"])
def test_those_who_are_new_enter_later_and_nobody_moves(shop, tmp_path, method):
    design = DESIGN | {"entry": "rolling", "method": method, "strata": ["rfm"], "held_out": "10%"}
    first = assign_experiment(shop / "before", design=design, out=tmp_path / "spring").customers.collect()
    found = assign_experiment(shop / "now", design=design, out=tmp_path / "spring")
    own = found.customers.collect()
    assert_frame_equal(own.join(first.select("customer_id"), on="customer_id", how="semi"), first)
    new = own.join(first.select("customer_id"), on="customer_id", how="anti")
    assert found.n_new == new.height > 0
    assert own["customer_id"].is_unique().all()
    assert own["customer_id"].is_sorted()
    assert [wave.entered for wave in found.record.waves] == sorted(own["entered"].unique())
    cells = {(cell.stratum, cell.arm): cell.customers for cell in found.record.cells if cell.customers}
    assert cells == {(s, arm): n for s, arm, n in own.drop_nulls("arm").group_by("stratum", "arm").len().iter_rows()}
    if method == "hash":
        arms = own.drop_nulls("arm")
        assert arms["arm"].to_list() == [arm_by_hand(text) for text in arms["customer_id"]]


def test_late_comers_of_a_balanced_experiment_make_up_for_what_is_missing(shop, tmp_path):
    design = DESIGN | {"entry": "rolling", "method": "balanced", "arms": "offer:0.5,control:0.5"}
    assign_experiment(shop / "before", design=design, out=tmp_path / "spring")
    found = assign_experiment(shop / "now", design=design, out=tmp_path / "spring")
    counts = found.record.counts
    assert abs(counts["offer"] - counts["control"]) <= 1


REFUSED = [
    ({"arms": "offer:0.5,control:0.5"}, "`arms` offer:0.45,control:0.45,holdout:0.1, not offer:0.5,control:0.5"),
    ({"control": "offer"}, '`control` "control", not "offer"'),
    ({"method": "balanced"}, '`method` "hash", not "balanced"'),
    ({"strata": ["rfm"]}, "`strata` nothing, not rfm"),
    ({"segments": ["At risk"]}, "`segments` none, not At risk"),
    ({"held_out": "5%"}, '`held_out` "0", not "0.05"'),
    ({"layer": "mail:0-0.5"}, '`layer` none, not "mail:0-0.5"'),
    ({"alpha": 0.1}, "`alpha` 0.05, not 0.1"),
    ({"entry": "rolling"}, '`entry` "together", not "rolling"'),
]


@pytest.fixture(scope="module")
def spring(shop):
    assign_experiment(shop / "before", design=DESIGN, out=shop / "spring")
    return shop / "spring"


@pytest.mark.parametrize(("change", "words"), REFUSED, ids=[next(iter(change)) for change, _ in REFUSED])
def test_a_record_is_frozen(shop, spring, change, words):
    before = (spring / RECORD).read_bytes()
    with pytest.raises(InputError) as refused:
        assign_experiment(shop / "before", design=DESIGN | change, out=spring)
    assert f"spring was assigned with {words}; the record is frozen" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (spring / RECORD).read_bytes() == before


def test_nobody_enters_later_where_all_entered_together(shop, spring):
    with pytest.raises(InputError, match=r"entered together on .*, and nobody enters later"):
        assign_experiment(shop / "now", design=DESIGN, out=spring)


def test_an_experiment_does_not_replace_another_nor_anything_else(shop, spring, tmp_path):
    with pytest.raises(InputError, match='holds the experiment "spring"; choose another directory for name="summer"'):
        assign_experiment(shop / "now", design=DESIGN | {"name": "summer"}, out=spring)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="exists; choose another directory"):
        assign_experiment(shop / "now", design=DESIGN, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_later_wave_needs_a_later_result(shop, tmp_path):
    design = DESIGN | {"entry": "rolling"}
    assign_experiment(shop / "now", design=design, out=tmp_path / "spring")
    with pytest.raises(InputError, match=r"entered by a result as of .*; give a later one"):
        assign_experiment(shop / "before", design=design, out=tmp_path / "spring")


def test_waves_by_different_results_enter_on_different_days(shop, tmp_path):
    design, start = DESIGN | {"entry": "rolling"}, "2199-01-01"
    assign_experiment(shop / "before", design=design, start=start, out=tmp_path / "spring")
    with pytest.raises(InputError, match=r"others enter on that day who were known up to .*; choose a later day"):
        assign_experiment(shop / "now", design=design, start=start, out=tmp_path / "spring")


@pytest.mark.parametrize(
    ("design", "start", "words"),
    [
        ({"segments": ["Nobody"]}, None, '`segment` "Nobody": no such segment of rfm; choose one of'),
        ({"arms": "offer:0.5,control:0.4"}, None, "add up to 0.9, not to 1"),
        ({"layer": "mail:0-0.0000001"}, None, "nobody to assign"),
        ({}, "2020-01-01", "which are known when customers are assigned"),
        ({}, "soon", '`start` "soon" is not a day'),
        ({"colour": "red"}, None, 'Design has no setting "colour"'),
    ],
)
def test_what_cannot_be_assigned_is_refused_in_a_line_and_nothing_is_written(shop, tmp_path, design, start, words):
    with pytest.raises(InputError) as refused:
        assign_experiment(shop / "now", design=DESIGN | design, start=start, out=tmp_path / "spring")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_result_valued_by_revenue_has_no_margin_to_compare(shop, tmp_path):
    score(shop / "log" / "orders", out=tmp_path / "r", columns={"margin": ""}, layout="flat", measures=False)
    with pytest.raises(InputError, match=r'metric="margin": customers of .* are valued by revenue'):
        assign_experiment(tmp_path / "r", design=DESIGN | {"metric": "margin"})
    found = assign_experiment(tmp_path / "r", design=DESIGN)
    assert (found.record.design.metric, found.record.value) == ("revenue", "revenue")


def test_means_of_arms_are_those_of_their_customers(shop):
    found = assign_experiment(shop / "now", design=DESIGN)
    own = found.customers.collect()
    for row in found.table.iter_rows(named=True):
        arm = own.filter(arm=row["arm"])
        assert row["customers"] == arm.height
        assert row["mean_value"] == pytest.approx(arm["value"].mean(), rel=1e-9)
        assert row["mean_purchase_days"] == pytest.approx(arm["n_purchase_days"].mean(), rel=1e-12)
        assert row["mean_days_since_last"] == pytest.approx(arm["days_since_last"].mean(), rel=1e-12)


def test_strata_in_which_an_arm_has_nobody_are_named(shop):
    design = DESIGN | {"strata": ["rfm", "lifecycle_stage", "clv_tier"]}
    found = assign_experiment(shop / "now", design=design)
    empty = {cell.stratum for cell in found.record.cells if not cell.customers}
    assert empty
    (words,) = found.warnings
    assert words.startswith("an arm has nobody in ")
    assert min(empty) in words


def test_a_file_of_assignments_that_was_changed_is_refused(spring, tmp_path):
    scan_assignment(spring).collect().drop("arm").write_parquet(tmp_path / "assignment.parquet")
    with pytest.raises(InputError, match="has other columns than an assignment"):
        scan_assignment(tmp_path)
    (tmp_path / "assignment.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match=r"assignment\.parquet: cannot be read"):
        scan_assignment(tmp_path)
