"""`whalecurve profile` from the shell: text, JSON, files, one-line errors, and no id on stdout."""

import hashlib
import json
import re
import shutil

import polars as pl
import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Message, Simulation, simulate
from whalecurve.engine.errors import setting

TITLES = (
    "Champions: ", "who, by sex: ", "who, by age: ", "when: ", "buys by category: ", "buys by brand: ",
    "buys by product: ", "came by channel: ", "came by campaign: ", "came by city: ", "next by category: ",
    "share buying again within ", "due within 30 days: ", "note: ",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A small shop, its scores, and what is known of its customers; Champions are mostly women."""
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=3_000, seed=1, ids="string"), folder / "log")
    printed("score", folder / "log" / "orders", "--out", folder / "scores", "--layout", "flat")
    scored = pl.read_parquet(folder / "scores" / "customers" / "*.parquet")
    champion = pl.col("rfm_segment") == "Champions"
    scored.with_row_index().select(
        pl.col("customer_id").alias("id"),
        sex=pl.when(champion & (pl.col("index") % 4 > 0) | (pl.col("index") % 3 == 0))
        .then(pl.lit("f"))
        .otherwise(pl.lit("m")),
        age=20 + pl.col("index") % 50,
        email=" " + pl.col("customer_id") + "@Example.com",
    ).write_parquet(folder / "customers.parquet")
    return folder


@pytest.fixture(scope="module")
def ids(shop):
    return pl.read_parquet(shop / "customers.parquet")["id"].to_list()


def known(shop, *args):
    return ["profile", shop / "scores", "--customers", shop / "customers.parquet", "--customers-key", "id", *args]


def blocks(text):
    return [block.splitlines() for block in text.removesuffix("\n").split("\n\n")]


def test_text_answers_who_when_what_where_and_what_next(shop):
    text = printed(*known(shop, "--top", "3"))
    data = printed_json(*known(shop, "--top", "3"))
    told = blocks(text)
    titles = [one[0] for one in told if one[0].startswith(TITLES)]
    assert len(titles) == len(TITLES)
    assert all(title.startswith(start) for title, start in zip(titles, TITLES, strict=True))
    noted = [line.split(": ")[1] for line in told[-1]]
    assert noted == ["no customer has F score 2", "gamma_gamma", "one-time buyers", "email"]
    n = data["customers"]
    assert told[0][0] == (
        f"Champions: {n['segment']:,} ({n['segment'] / n['base']:.1%}) of {n['base']:,} customers with a purchase, "
        f"as of {data['as_of']}"
    )
    assert told[0][1] == "the segment at low risk with the highest mean value at stake"
    sex = told[2]
    assert " ".join(sex[0].split()) == "sex mark customers share of all index lift 95% interval"
    assert sex[2].split()[:2] == ["f", "+"]
    assert sex[3].split()[:2] == ["m", "-"]
    when = told[told.index([titles[3]]) + 1]
    assert when[2].startswith("season*  ")
    assert when[-1].startswith("* circular: the segment is defined by how lately its customers have bought")
    buys = told[told.index([titles[4]]) + 1]
    assert " ".join(buys[0].split()) == (
        "category mark orders of all index lift 95% interval margin of all index customers of all index"
    )
    assert len(buys) == 2 + 3


def test_what_is_not_known_of_customers_stands_beside_shares_of_the_known(shop, tmp_path):
    customers = pl.read_parquet(shop / "customers.parquet").with_row_index()
    unknown = customers.select("id", sex=pl.when(pl.col("index") % 5 > 0).then("sex"))
    unknown.write_parquet(tmp_path / "customers.parquet")
    told = blocks(
        printed("profile", shop / "scores", "--customers", tmp_path / "customers.parquet", "--customers-key", "id")
    )
    at = next(i for i, block in enumerate(told) if block[0].startswith("who, by sex: "))
    assert told[at][0].endswith("; shares of the known")
    rows = {row.split()[0]: row.split() for row in told[at + 1][2:]}
    assert set(rows) == {"f", "m", "(unknown)"}
    assert rows["(unknown)"][3] == "20.0%"
    shares = [float(rows[sex][-6].removesuffix("%")) for sex in ("f", "m")]
    assert sum(shares) == pytest.approx(100.0, abs=0.11)  # to a decimal


def test_json_has_every_measure_of_the_values_shown(shop):
    data = printed_json(*known(shop, "--by", "brand", "--first-by", "", "--next-by", "", "--top", "2"))
    assert set(data) == {
        "segment", "scheme", "is_default", "why", "value_is", "as_of", "scores", "customers", "worth", "settings",
        "sections", "timing", "due", "seeds", "warnings",
    }  # fmt: skip
    (brand,) = (section for section in data["sections"] if section["question"] == "what")
    assert set(brand["measures"]) == {"orders", "value", "customers"}
    names = [[row["value"] for row in rows] for rows in brand["measures"].values()]
    assert names[0] == names[1] == names[2]
    assert {section["question"] for section in data["sections"]} == {"who", "when", "what", "gap"}
    assert data["seeds"] is None


def test_notes_of_the_scores_name_options(shop, tmp_path):
    shutil.copytree(shop / "scores", tmp_path / "scores")
    manifest = tmp_path / "scores" / "manifest.json"
    words = Message(f"spend by {setting('spend', 'auto')}; compare with {setting('rfm_bins')}")
    changed = {"warnings": [words], "settings_in_warnings": [words.places()]}
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changed))
    assert "note: spend by --spend auto; compare with --rfm-bins\n" in printed("profile", tmp_path / "scores")


def test_settings_reach_the_engine(shop):
    data = printed_json(
        *known(shop, "--matrix", "Grow", "--min-customers", "50", "--fdr", "0.01", "--level", "0.9"),
        *("--min-lift", "9", "--by", "UPPER(channel)", "--first-by", "city", "--next-by", "brand"),
    )
    assert (data["segment"], data["scheme"], data["is_default"]) == ("Grow", "matrix", False)
    assert data["settings"] == {
        "by": ["UPPER(channel)"], "first_by": ["city"], "next_by": ["brand"], "customers_key": "id",
        "min_customers": 50, "fdr": 0.01, "level": 0.9, "min_lift": 9.0,
    }  # fmt: skip
    rows = [row for section in data["sections"] for rows in section["measures"].values() for row in rows]
    assert not any(row["marks"] for row in rows if row["lift"] is not None and 1 / 9 < row["lift"] < 9)


def test_no_id_is_ever_printed(shop, ids, tmp_path):
    out = ["--out", tmp_path / "ideal", "--seed-column", "email"]
    for text in (printed(*known(shop, *out)), printed(*known(shop, "--format", "json", *out, "--overwrite"))):
        assert not set(re.findall(r"C\d{10}", text, re.IGNORECASE))
        assert "@" not in text
    assert "C0" in ids[0]


def test_seeds_are_written_for_the_platforms(shop, tmp_path):
    out = tmp_path / "ideal"
    text = printed(
        *known(shop, "--tier", "high", "--out", out, "--seed-column", "email", "--hash", "--seed-values"),
        *("--seed-size", "20"),
    )
    best = pl.read_parquet(shop / "scores" / "customers" / "*.parquet").sort("clv", descending=True, nulls_last=True)
    assert best.height == 3_000
    n_high = best.filter(pl.col("clv") >= best["clv"][600 - 1]).height  # a fifth, and who equals the last of them
    assert n_high == 602
    assert text.startswith(f"CLV tier high: {n_high} ({n_high / 3_000:.1%}) of 3,000 customers")
    assert text.endswith(f"\n\n20 seeds of {n_high} customers, by email_sha256\nwritten to {out}\n")
    seeds = pl.read_csv(out / "seeds.csv")
    assert seeds.columns == ["email_sha256", "rank", "clv", "value"]
    address = f"{best['customer_id'][0].lower()}@example.com"
    assert seeds["email_sha256"][0] == hashlib.sha256(address.encode()).hexdigest()
    record = json.loads((out / "profile.json").read_text())
    assert record["seeds"]["seeds"] == 20
    assert "exists" in refusal(*known(shop, "--out", out))


def test_long_tables_end_with_how_many_rows_are_left(shop):
    text = printed("profile", shop / "scores", "--by", "product", "--top", "40")
    assert "\n... and 15 rows more: --format json, or --out\n" in text  # of the 40 values printed


def test_errors_are_one_line(shop):
    assert refusal("profile", shop / "log") == (
        f"{shop / 'log'}: no whalecurve result; name a directory that whalecurve score wrote"
    )
    assert refusal("profile", shop / "scores", "--segment", "Whales").startswith('--segment "Whales": no such segment')
    assert 'no column "shop"' in refusal("profile", shop / "scores", "--by", "shop")
    assert 'no column "campain" for --first-by; there are' in refusal(
        "profile", shop / "scores", "--first-by", "campain"
    )
    assert 'did you mean "category"? Name it with --next-by' in refusal(
        "profile", shop / "scores", "--next-by", "catgory"
    )
    assert refusal("profile", shop / "scores", "--next-by", "brand,brand") == (
        '--next-by names "brand" twice; name each dimension once'
    )
    assert 'no column "customer_id" for --customers-key' in refusal(
        "profile", shop / "scores", "--customers", shop / "customers.parquet"
    )
    assert "name a directory with --out" in refusal("profile", shop / "scores", "--hash")
    assert refusal("profile", shop / "scores", "--level", "2").startswith("--level 2.0 is out of range")


def test_wrong_usage_is_status_2(shop):
    assert "Missing argument 'DIR'" in misuse("profile")
    assert "'top' is not one of" in misuse("profile", shop / "scores", "--tier", "top")
