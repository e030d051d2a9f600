"""Two results compared: who is new, lost, come back, put at risk, where everybody is now and since when."""

import json
import sys
from datetime import date

import polars as pl
import pytest

from tests.engine.publication.test_read import CUSTOMERS, refusal, written
from whalecurve import engine

MARCH, JUNE, SEPTEMBER = date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)
LABELS = {"rfm": ["Best", "Rest"], "matrix": ["Retain", "Divest", "Grow", "Maintain"]}
COLUMNS = ("customer_id", "last_purchase", "value", "clv", "clv_total", "risk", "matrix_segment", "rfm_segment")
COLUMNS += ("clv_tier", "lifecycle_stage")

# Ann stays, Bob slips and is put at risk, Cat comes back from high risk, Dan stays at high risk and buys nothing, Eve
# had returned goods only and now buys, Fay is lost, Gil is new, Hal had returned goods only and still has.
OLD = [
    ("ann", date(2024, 3, 9), 90.0, 9.0, 99.0, "low", "Grow", "Best", "high", "active"),
    ("bob", date(2024, 3, 1), 80.0, 8.0, 88.0, "low", "Grow", "Best", "high", "active"),
    ("cat", date(2024, 1, 5), 20.0, 2.0, 22.0, "high", "Divest", "Rest", "low", "churned"),
    ("dan", date(2024, 1, 1), 10.0, 1.0, 11.0, "high", "Divest", "Rest", "low", "churned"),
    ("eve", None, -5.0, None, None, None, None, None, None, None),
    ("fay", date(2024, 2, 1), 40.0, 4.0, 44.0, "low", "Maintain", "Rest", "middle", "dormant"),
    ("hal", None, -1.0, None, None, None, None, None, None, None),
]
NEW = [
    ("ann", date(2024, 6, 9), 190.0, 19.0, 209.0, "low", "Grow", "Best", "high", "active"),
    ("bob", date(2024, 4, 1), 85.0, 4.0, 89.0, "high", "Retain", "Rest", "middle", "dormant"),
    ("cat", date(2024, 5, 5), 70.0, 7.0, 77.0, "low", "Maintain", "Best", "middle", "active"),
    ("dan", date(2024, 1, 1), 10.0, 0.5, 10.5, "high", "Divest", "Rest", "low", "churned"),
    ("eve", date(2024, 6, 1), 3.0, 1.0, 4.0, "low", "Maintain", "Rest", "low", "new"),
    ("gil", date(2024, 6, 2), 30.0, 3.0, 33.0, "low", "Maintain", "Rest", "middle", "new"),
    ("hal", None, -2.0, None, None, None, None, None, None, None),
]


def frame(rows):
    schema = dict.fromkeys(COLUMNS, pl.String) | dict.fromkeys(("value", "clv", "clv_total"), pl.Float64)
    return pl.DataFrame(rows, schema=schema | {"last_purchase": pl.Date}, orient="row")


def results(folder, **new):
    """Both results; `new` is what differs in the new one."""
    old = written(folder / "old", frame(OLD), as_of=MARCH, labels=LABELS, layout="flat", run_id="march")
    return old, written(folder / "new", **{"customers": frame(NEW), "as_of": JUNE, "labels": LABELS} | new)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return engine.compare(*results(tmp_path_factory.mktemp("results")))


def scheme(found, name):
    return next(one for one in found.migrations if one.scheme == name)


def counts(migration):
    moved = migration.moves.filter(pl.col("customers") > 0)
    return {(start, end): n for start, end, n in moved.select("from", "to", "customers").iter_rows()}


def refused(*arguments, **options):
    with pytest.raises(engine.InputError) as caught:
        engine.compare(*arguments, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_customers_are_counted_by_what_became_of_them(found):
    assert {name: group["customers"] for name, group in found.groups.items()} == {
        "in_old": 7,
        "in_new": 7,
        "kept": 6,
        "new": 1,
        "lost": 1,
        "bought_since": 4,  # ann, bob, cat, eve
        "came_back": 1,  # cat; eve was at no risk that anybody knew
        "put_at_risk": 1,  # bob
    }
    assert found.groups["came_back"] == {
        "customers": 1,
        "value_old": 20.0,
        "value_new": 70.0,
        "clv_total_old": 22.0,
        "clv_total_new": 77.0,
    }
    assert found.groups["lost"]["value_new"] is None
    assert found.groups["in_new"]["value_new"] == 386.0


def test_segments_exchange_customers(found):
    rfm = scheme(found, "rfm")
    assert counts(rfm) == {
        ("Best", "Best"): 1,
        ("Best", "Rest"): 1,
        ("Rest", "Best"): 1,
        ("Rest", "Rest"): 1,
        ("Rest", "(lost)"): 1,
        (None, "Rest"): 1,
        (None, None): 1,
        ("(new)", "Rest"): 1,
    }
    assert rfm.retained_share == 3 / 7  # ann, dan, and hal, who still has no segment
    assert rfm.mobility == 3 / 4  # without gil and fay three states, of whom half stay each: (3 - 3/2) / 2
    assert (rfm.up_share, rfm.down_share) == (None, None)
    best, rest, nobody = rfm.segments.to_dicts()
    assert rest == {
        "segment": "Rest",
        "customers_old": 3,
        "customers_new": 4,
        "retained": 1,
        "retained_share": 1 / 3,
        "bought_since": 1,  # cat, not gil; fay is lost, and nobody knows
        "bought_since_share": 1 / 2,
        "customers_in": 3,  # bob, eve and gil
        "customers_out": 2,  # cat and fay
        "net_flow": 1,
        "value_old": 70.0,
        "value_new": 128.0,
        "clv_total_old": 77.0,
        "clv_total_new": 136.5,
    }
    assert (best["net_flow"], nobody["net_flow"]) == (0, -1)
    assert (nobody["value_old"], nobody["value_new"], nobody["clv_total_old"]) == (-6.0, -2.0, None)


def test_moves_carry_what_they_are_worth_then_and_now(found):
    moves = {(row["from"], row["to"]): row for row in scheme(found, "matrix").moves.to_dicts()}
    assert list(moves[("Grow", "Retain")].values())[3:] == [1, 0.5, 80.0, 85.0, 88.0, 89.0]
    assert list(moves[("Maintain", "(lost)")].values())[3:] == [1, 1.0, 40.0, None, 44.0, None]
    assert list(moves[("(new)", "Maintain")].values())[3:] == [1, 1.0, None, 30.0, None, 33.0]
    assert list(moves[("Retain", "Grow")].values())[3:] == [0, None, None, None, None, None]
    assert ("(new)", "(lost)") not in moves


def test_ranked_labels_have_an_up_and_a_down(found):
    tier = scheme(found, "clv_tier")
    assert (tier.up_share, tier.down_share) == (1 / 4, 1 / 4)  # of ann, bob, cat and dan: cat up, bob down
    assert tier.segments["segment"].to_list() == ["high", "middle", "low", None]
    stage = scheme(found, "lifecycle_stage")
    assert (stage.up_share, stage.down_share) == (None, None)
    assert stage.segments["segment"].to_list() == ["new", "active", "dormant", "churned", None]
    assert counts(stage)["(new)", "new"] == counts(stage)[None, "new"] == 1
    assert [one.scheme for one in found.migrations] == ["rfm", "matrix", "clv_tier", "lifecycle_stage"]


def test_labels_that_one_result_lacks_are_left_out(tmp_path):
    found = engine.compare(*results(tmp_path, customers=frame(NEW).drop("clv_tier")))
    assert [one.scheme for one in found.migrations] == ["rfm", "matrix", "lifecycle_stage"]


def test_loyalty_tiers_are_ranked_as_the_scheme_lists_them(tmp_path):
    tiers = {"loyalty_tier": ["gold", "silver"]}
    old = frame(OLD).with_columns(loyalty_tier=pl.lit("silver"))
    new = frame(NEW).with_columns(loyalty_tier=pl.lit("gold"))
    listed = [written(tmp_path / name, rows, labels=LABELS | tiers) for name, rows in (("a", old), ("b", new))]
    assert scheme(engine.compare(*listed), "loyalty_tier").up_share == 1.0
    unlisted = [written(tmp_path / name, rows, labels=LABELS) for name, rows in (("c", old), ("d", new))]
    assert scheme(engine.compare(*unlisted), "loyalty_tier").up_share is None


def test_each_customer_is_told_from_where_to_where_and_since_when(tmp_path):
    engine.compare(*results(tmp_path), out=tmp_path / "moved")
    customers = pl.read_parquet(tmp_path / "moved" / "customers.parquet")
    assert customers["customer_id"].to_list() == ["ann", "bob", "cat", "dan", "eve", "fay", "gil", "hal"]
    assert customers["status"].to_list() == ["kept"] * 5 + ["lost", "new", "kept"]
    assert customers["previous_rfm_segment"].to_list() == ["Best", "Best", "Rest", "Rest", None, "Rest", None, None]
    assert customers["current_rfm_segment"].to_list() == ["Best", "Rest", "Best", "Rest", "Rest", None, "Rest", None]
    since = [MARCH, JUNE, JUNE, MARCH, JUNE, None, JUNE, MARCH]
    assert customers["segment_since"].to_list() == since
    assert customers.row(1, named=True) == {
        "customer_id": "bob",
        "status": "kept",
        "has_bought_since": True,
        "has_come_back": False,
        "is_put_at_risk": True,
        "previous_rfm_segment": "Best",
        "current_rfm_segment": "Rest",
        "previous_matrix_segment": "Grow",
        "current_matrix_segment": "Retain",
        "previous_clv_tier": "high",
        "current_clv_tier": "middle",
        "previous_lifecycle_stage": "active",
        "current_lifecycle_stage": "dormant",
        "previous_value": 80.0,
        "current_value": 85.0,
        "previous_clv": 8.0,
        "current_clv": 4.0,
        "previous_clv_total": 88.0,
        "current_clv_total": 89.0,
        "segment_since": JUNE,
    }


def test_an_earlier_comparison_says_since_when(tmp_path):
    old, new = results(tmp_path, run_id="june")
    latest = written(tmp_path / "latest", frame(NEW[1:]), as_of=SEPTEMBER, labels=LABELS, run_id="september")
    engine.compare(old, new, out=tmp_path / "moved")
    engine.compare(new, latest, out=tmp_path / "moved-on", previous=tmp_path / "moved")
    on = pl.read_parquet(tmp_path / "moved-on" / "customers.parquet").select("customer_id", "segment_since").rows()
    expected = {"ann": None, "bob": JUNE, "cat": JUNE, "dan": MARCH, "eve": JUNE, "gil": JUNE, "hal": MARCH}
    assert dict(on) == expected
    assert "name the comparison whose new result is this old one" in refused(old, new, previous=tmp_path / "moved")
    assert "no comparison; name a directory that whalecurve compare wrote" in refused(old, new, previous=old)


def test_what_is_published_is_what_was_found_and_no_result_of_score(tmp_path):
    old, new = results(tmp_path)
    out = tmp_path / "moved"
    found = engine.compare(old, new, out=out)
    assert json.loads((out / "compare.json").read_text()) == found.to_dict()
    assert pl.read_parquet(out / "movement.parquet").equals(found.moves)
    manifest = json.loads((out / "manifest.json").read_text())
    assert [one["run_id"] for one in manifest["inputs"]] == ["march", "run"]
    assert {file["path"]: file["rows"] for file in manifest["outputs"]} == {
        "compare.json": None,
        "customers.parquet": 8,
        "model.json": None,
        "movement.parquet": found.moves.height,
        "schema.json": None,
    }
    assert "a result of whalecurve compare, but not of whalecurve score" in refusal(out)
    assert "overwrite=True" in refused(old, new, out=out)
    engine.compare(old, new, out=out, overwrite=True)
    with pytest.raises(engine.InputError, match="only a whalecurve result"):
        engine.scan_orders(out)


def test_nothing_is_published_when_writing_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    old, new = results(tmp_path)
    monkeypatch.setattr(sys.modules["whalecurve.engine.comparison.compare"], "write_json", fail)
    assert "No space left" in refused(old, new, out=tmp_path / "moved")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def test_what_is_compared_is_never_replaced(tmp_path):
    old, new = results(tmp_path)
    for out in (old, new, tmp_path):
        assert "holds the result that is read" in refused(old, new, out=out, overwrite=True)
    assert "lies within the result that is read" in refused(old, new, out=old / "customers" / "moved")


def test_results_in_the_wrong_order_or_of_other_ids_are_refused(tmp_path):
    old, new = results(tmp_path)
    assert refused(new, old).endswith("later than " + f"{old}, 2024-03-31; swap them?")
    numbered = written(tmp_path / "numbered", CUSTOMERS, as_of=JUNE, labels=LABELS)
    assert "customer_id is Int64" in refused(old, numbered)
    assert "customers have no column clv_total" in refused(
        old, written(tmp_path / "short", frame(NEW).drop("clv_total"), as_of=JUNE, labels=LABELS)
    )
