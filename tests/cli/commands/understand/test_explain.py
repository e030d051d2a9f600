"""`whalecurve explain` from the shell: text, JSON, files, one-line errors."""

import json
from datetime import date, timedelta

import polars as pl
import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Simulation, open_result, simulate


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A small shop in which one brand is toxic, and its scores."""
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=4_000, seed=1), folder / "log")
    printed("score", folder / "log" / "orders", "--out", folder / "scores")
    return folder


def explained(shop, *args):
    return ["explain", shop / "log" / "orders", "--segment", "Champions", "--scores", shop / "scores", *args]


def blocks(text):
    return [block.splitlines() for block in text.removesuffix("\n").split("\n\n")]


def test_text_names_the_segment_its_values_and_what_differs(shop):
    text = printed(*explained(shop, "--by", "brand,UPPER(channel)", "--top", "3"))
    headline, actions, brand, profile, differences, anomalies, robust, channel, channels, none, noted = blocks(text)
    data = printed_json(*explained(shop, "--by", "brand,UPPER(channel)", "--top", "3"))
    n = data["customers"]
    assert headline[0] == (
        f"Champions: {n['segment']:,} ({n['segment'] / n['base']:.1%}) of {n['base']:,} customers with a purchase, "
        f"as of {data['as_of']}"
    )
    assert headline[1].startswith("on the whole: second purchase within 90 days ")
    assert actions[0] == "next best action of its customers, by the first of their labels that has one"
    scored = open_result(shop / "scores").customers.filter(rfm_segment="Champions").collect()
    counts = dict(scored.group_by("next_best_action_from").len().iter_rows())
    assert len(actions) == 1 + len(counts)
    for line in actions[1:]:
        n_customers, _, origin = line.strip().partition(" by ")
        label = next(name for name in counts if origin.startswith(f"{name}: "))
        assert n_customers == f"{counts.pop(label):,}"
    assert brand[0].startswith("by brand: 24 values, 24 tested; a customer has bought with ")
    assert brand[1] == "no value marks Champions"
    assert " ".join(profile[0].split()) == (
        "brand mark customers share of all of the rest index lift 95% interval of lines of margin index"
    )
    assert len(profile) == 2 + 3
    assert differences[0].startswith("by brand: ")
    assert differences[0].endswith(" differences in 96 tests")
    assert anomalies[2].split()[:4] == ["Fennick", "toxic", "worse", "second"]
    assert {tuple(line.split()[:3]) for line in anomalies[3:5]} == {
        ("worse", "lines", "returned"),
        ("worse", "margin", "rate"),
    }
    assert robust == [
        "q of margin rates is that of a robust rate, in which no line counts more than ten times the mean amount"
    ]
    assert channel[0].startswith("by UPPER(channel): 5 values, 5 tested; a customer has bought with ")
    assert {line.split()[0] for line in channels[2:]} < {"WEB", "APP", "STORE", "MARKETPLACE", "PHONE"}
    assert none == ["by UPPER(channel): no difference in behaviour in 20 tests"]
    assert [line.split(": ")[1] for line in noted] == ["no customer has F score 2", "gamma_gamma", "one-time buyers"]


def test_json_has_the_findings(shop):
    data = printed_json(*explained(shop, "--by", "brand"))
    assert set(data) == {
        "segment", "scheme", "value_is", "as_of", "scores", "customers", "rates", "next_best_actions", "settings",
        "dimensions", "warnings",
    }  # fmt: skip
    (brand,) = data["dimensions"]
    assert brand["flags"][0]["value"] == "Fennick"
    assert brand["flags"][0]["flag"] == "toxic"
    assert {"second_purchase_rate", "return_rate", "margin_rate"} <= set(brand["flags"][0]["worse"])
    assert [row["value"] for row in brand["anomalies"]][:3] == ["Fennick"] * 3
    assert all(row["q_value"] <= 0.05 for row in brand["anomalies"])
    assert len(brand["profile"]) == 5


def test_settings_reach_the_engine(shop):
    data = printed_json(
        *explained(shop, "--by", "brand", "--min-customers", "100", "--fdr", "0.01", "--level", "0.9"),
        *("--window-days", "1m", "--min-lift", "1.5", "--min-second-purchase-rate", "0.5"),
        *("--min-return-rate", "0.5", "--min-loss-share", "0.5", "--min-margin-rate", "0.5"),
    )
    assert data["settings"] == {
        "min_customers": 100, "fdr": 0.01, "level": 0.9, "second_purchase_days": 30, "min_lift": 1.5,
        "min_second_purchase_rate": 0.5, "min_return_rate": 0.5, "min_loss_share": 0.5, "min_margin_rate": 0.5,
    }  # fmt: skip
    assert data["dimensions"][0]["anomalies"] == []  # nothing is as large as that


def test_orders_are_scored_where_no_scores_are_given(shop):
    args = ["explain", shop / "log" / "orders", "--segment", "Champions", "--by", "brand"]
    assert printed_json(*args) == printed_json(*explained(shop, "--by", "brand"))


def test_memory_changes_no_result_and_one_that_cannot_do_is_refused(shop):
    known = explained(shop, "--by", "brand,product", "--top", "100")
    assert printed_json(*known, "--memory", "1MB") == printed_json(*known)
    anew = ["explain", shop / "log" / "orders", "--segment", "Champions", "--by", "brand"]
    assert printed_json(*anew, "--memory", "8GB") == printed_json(*explained(shop, "--by", "brand"))
    line = refusal(*anew, "--memory", "1MB")
    assert line.startswith("--memory 1MB is too little; the least that would do is ")


def test_long_tables_end_with_how_many_rows_are_left(shop):
    text = printed(*explained(shop, "--by", "product", "--top", "40"))
    assert "\n... and 15 rows more: --format json, or --out\n" in text  # of the 40 values printed


def test_files_are_written_whole(shop, tmp_path):
    text = printed(*explained(shop, "--by", "brand", "--out", tmp_path / "why"))
    assert text.endswith(f"\n\nwritten to {tmp_path / 'why'}\n")
    assert pl.read_parquet(tmp_path / "why" / "profile.parquet").height == 24
    record = json.loads((tmp_path / "why" / "explain.json").read_text())
    assert record["dimensions"][0]["flags"][0]["flag"] == "toxic"
    assert "exists" in refusal(*explained(shop, "--by", "brand", "--out", tmp_path / "why"))


def test_errors_are_one_line(shop):
    assert refusal("explain", shop / "log" / "orders", "--segment", "Whales", "--by", "brand") == (
        '--segment "Whales": no such segment; choose one of Champions, Loyal customers, Potential loyalists, '
        "New customers, Promising, Need attention, About to sleep, Can't lose them, At risk, Hibernating, "
        "Retain, Divest, Grow, Maintain, high, middle, low, new, active, dormant, churned, platinum, gold, silver, "
        "bronze"
    )
    assert 'no column "shop"' in refusal(*explained(shop, "--by", "shop"))
    assert "definitions do not fit: as_of" in refusal(*explained(shop, "--by", "brand", "--as-of", "2025-06-30"))
    assert refusal(*explained(shop, "--by", "brand", "--fdr", "2")).startswith("--fdr 2.0 is out of range")


def test_wrong_usage_is_status_2(shop):
    assert "Missing option '--segment'" in misuse("explain", shop / "log" / "orders", "--by", "brand")
    assert "Missing option '--by'" in misuse("explain", shop / "log" / "orders", "--segment", "Champions")


def test_dates_and_gaps_are_dimensions(tmp_path):
    days = [date(2024, 1, 1) + timedelta(days=i * 37 % 300) for i in range(120)]
    lines = pl.DataFrame({"customer_id": [i % 40 for i in range(120)], "order_ts": days, "amount": 5.0})
    lines.with_columns(shop=pl.Series([None if i % 3 else "a" for i in range(120)])).write_parquet(
        tmp_path / "o.parquet"
    )
    text = printed("explain", tmp_path / "o.parquet", "--segment", "Hibernating", "--by", "shop,order_ts", "--top", "2")
    assert "\n(none)" in text
    assert "note: shop: 80 sale lines have none; they count among the rest" in text
    assert "\n2024-0" in text
