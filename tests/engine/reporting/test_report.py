"""A whole report: what it shows is what the result says, it names nobody, and it is written whole or not at all."""

import json
import re
import shlex
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.support.logs import simple_log, write
from tests.support.pages import page_of
from whalecurve import engine
from whalecurve.engine.errors import setting

DAY = date(2024, 1, 1)
MARKUP = "<script>alert('x')</script>"
SCHEME = """
name = "hostile"
description = "Names that a shell, a page and a language of programs would take for more than names."
bins = 5
matrix.retain = {name = "Retain <i>", action = "-"}
matrix.divest = {name = "Divest", action = "-"}
matrix.grow = {name = "Grow", action = "-"}
matrix.maintain = {name = "Maintain", action = "-"}
[[segment]]
name = "<script>alert('x')</script>"
r = [4, 5]
f = [1, 5]
action = "\\"><img src=x onerror=alert(1)>"
[[segment]]
name = "🐋 'quoted' \\"twice\\" $HOME `id`"
r = [1, 3]
f = [1, 5]
action = "& nothing"
"""


def named(n):
    """Ids that would be noticed anywhere."""
    return f"customer-{n:06d}-id"


def orders_of(seed=5, n_customers=500, until=None):
    lines = simple_log(6_000, n_customers, seed)
    lines = lines.with_columns(customer_id=pl.col("customer_id").map_elements(named, return_dtype=pl.String))
    return lines if until is None else lines.filter(pl.col("order_ts") < until)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Results of the whole log (`new`) and of its first eighteen months (`old`)."""
    folder = tmp_path_factory.mktemp("report")
    for name, until in (("new", None), ("old", date(2024, 7, 1))):
        write(folder / name / "orders.parquet", orders_of(until=until))
        engine.score(folder / name / "orders.parquet", out=folder / name / "scores")
    return folder


@pytest.fixture(scope="module")
def made(folder):
    return engine.report(folder / "new" / "scores", compare=folder / "old" / "scores")


@pytest.fixture(scope="module")
def page(made):
    return page_of(made.html)


def shown(table, title):
    """A column of a table as it is shown, and the numbers behind it."""
    return [row[title].shown for row in table], [row[title].value for row in table]


@pytest.mark.parametrize(
    ("caption", "scheme", "of"),
    [
        ("RFM segments by share of customers, value, CLV and churn risk", "rfm", "segment"),
        ("CLV tiers by share of customers, value, CLV and churn risk", "clv_tier", "tier"),
        ("Lifecycle stages", "lifecycle_stage", "stage"),
        ("Loyalty tiers", "loyalty_tier", "tier"),
        ("Customers by churn risk and value", "matrix", "cell"),
    ],
)
def test_groups_have_the_numbers_of_segments_parquet(folder, page, caption, scheme, of):
    rows = pl.read_parquet(folder / "new" / "scores" / "segments.parquet").filter(scheme=scheme)
    rows = rows.filter(pl.col("segment").is_not_null() | (pl.col("customers") > 0))
    table = page.tables[caption]
    assert [name for name, segment in zip(shown(table, of)[0], rows["segment"], strict=True) if name != segment] == (
        [] if rows["segment"].null_count() == 0 else [table[-1][of].shown]
    )
    titles = {
        "customers": "customers",
        "customer_share": "share of customers",
        "value": "margin",
        "value_share": "share of margin",
        "clv": "CLV",
        "clv_share": "share of CLV",
        "value_at_stake": "value at stake",
        "mean_churn_risk": "churn risk",
    }
    for column, title in titles.items():
        if rows[column].null_count() < rows.height:
            assert shown(table, title)[1] == rows[column].to_list(), column


def test_customers_are_counted_by_next_best_action_and_the_precedence_is_said_once(folder, made, page):
    manifest = json.loads((folder / "new" / "scores" / "manifest.json").read_text(encoding="utf-8"))
    counted = {row["from"]: row["customers"] for row in manifest["next_best_actions"] if row["customers"]}
    table = page.tables["Customers by next best action"]
    assert {row["from"].shown: row["customers"].value for row in table} == counted
    assert sum(counted.values()) == manifest["customers"]["with_purchase"]
    assert made.html.count("matrix.retain before lifecycle.new before segment") == 1


def test_a_log_that_cannot_carry_a_forecast_says_so_before_the_first_number(folder, made):
    found = json.loads((folder / "new" / "scores" / "manifest.json").read_text(encoding="utf-8"))["reliability"]
    assert found["buyers"] < 500
    assert not found["is_reliable"]
    assert made.html.index("CLV and risk are not reliable: ") < made.html.index("bought on more than one day")
    assert "(at least 500 needed)" in made.html


def test_what_is_shown_is_the_number_rounded(page):
    table = page.tables["RFM segments by share of customers, value, CLV and churn risk"]
    for row in table:
        assert float(row["customers"].shown.replace(",", "")) == row["customers"].value
        for title in ("share of customers", "share of margin"):
            assert float(row[title].shown.rstrip("%")) == pytest.approx(100 * row[title].value, abs=0.0501)
        decimals = 2 if abs(row["margin"].value) < 1000 else 0
        assert float(row["margin"].shown.replace(",", "")) == pytest.approx(
            row["margin"].value, abs=0.501 * 10**-decimals
        )


def test_the_curve_has_points_of_concentration_parquet_with_both_ends_and_the_peak(folder, page):
    points = pl.read_parquet(folder / "new" / "scores" / "concentration.parquet").filter(curve="whale")
    table = page.tables["Cumulative margin by share of customers, best first"]
    for name, population in (("all customers", "all"), ("repeat customers", "repeat")):
        rows = [row for row in table if row["population"].shown == name]
        read = [(row["share of customers"].value, row["cumulative margin"].value) for row in rows]
        known = points.filter(population=population).select("share_of_customers", "cumulative_value").rows()
        assert set(read) <= set(known)
        assert (read[0], read[-1]) == (known[0], known[-1])
        assert max(y for _, y in read) == max(y for _, y in known)
        assert len(read) > 90


def test_retention_and_cohorts_are_those_of_measures(folder, page):
    measures = folder / "new" / "scores" / "measures"
    periods = pl.read_parquet(measures / "periods.parquet").filter(scheme="all", period="month")
    months = periods.drop_nulls("retention")
    table = page.tables["Retention by month"]
    assert shown(table, "month")[0] == [f"{day:%Y-%m}" for day in months["start"]]
    assert shown(table, "retention")[1] == months["retention"].to_list()
    cohorts = pl.read_parquet(measures / "cohorts.parquet").filter(pl.col("scheme") == "all", pl.col("is_complete"))
    by_cell = {(f"{row['cohort']:%Y-%m}", row["age"]): row for row in cohorts.iter_rows(named=True)}
    for caption, title, column in (
        ("Cohorts: share active, by months since the first purchase", "active", "active_share"),
        (
            "Cohorts: cumulative margin per customer, by months since the first purchase",
            "per customer",
            "cumulative_value_per_customer",
        ),
    ):
        assert len(page.tables[caption]) > 100
        for row in page.tables[caption]:
            assert row[title].value == by_cell[row["cohort"].shown, int(row["months since"].value)][column]


def test_the_curve_of_gaps_is_that_of_measures(folder, page):
    gaps = pl.read_parquet(folder / "new" / "scores" / "measures" / "gaps.parquet").filter(scheme="all")
    back = {row["days"]: 1.0 - row["not_back"] for row in gaps.iter_rows(named=True)}
    table = page.tables["Purchases followed by another, by days since"]
    assert table
    assert all(row["followed by another"].value == back[int(row["days since a purchase"].value)] for row in table)


def test_moves_are_those_of_a_comparison(folder, page):
    found = engine.compare(folder / "old" / "scores", folder / "new" / "scores").to_dict()
    (scheme,) = (one for one in found["schemes"] if one["scheme"] == "rfm")
    table = page.tables["Moves between RFM segments"]
    names = [(move["from"] or "no purchase", move["to"] or "no purchase") for move in scheme["moves"]]
    assert [(row["from"].shown, row["to"].shown) for row in table] == names
    assert shown(table, "customers")[1] == [move["customers"] for move in scheme["moves"]]
    assert (
        sum(shown(table, "customers")[1])
        == found["customers"]["in_old"]["customers"] + (found["customers"]["new"]["customers"])
    )


def test_sentences_have_the_numbers_of_the_manifest(folder, page):
    record = json.loads((folder / "new" / "scores" / "manifest.json").read_text())
    text = " ".join(page.texts["p"])
    shares = record["concentration"]["all"]
    assert f"{record['customers']['all']:,} customers were observed" in text
    assert f"the top 20% account for {shares['top_20_share']:.1%}" in text
    assert f"The curve peaks at {shares['peak_share']:.1%}" in text
    assert f"{record['rows']['read']:,} order lines of 1 file were read and {record['rows']['used']:,} used" in text


def test_lines_that_the_condition_leaves_out_are_told_apart_from_those_that_cannot_be_used(tmp_path):
    lines = orders_of().with_columns(amount=pl.when(pl.col("order_id") % 10 != 1).then("amount"))
    columns = engine.Columns(where="order_id % 10 <> 0")
    orders = write(tmp_path / "orders.parquet", lines)
    engine.score(orders, out=tmp_path / "scores", columns=columns, max_refused=1.0, measures=False)
    page = page_of(engine.report(tmp_path / "scores").html)
    text = " ".join(page.texts["p"])
    assert "6,000 order lines of 1 file were read and 4,800 used; 600 were left out by the condition of the run" in text
    assert "; 600 (11.1%) could not be used" in text
    assert shown(page.tables["Order lines that could not be used"], "share of lines")[0] == ["11.1%"]


def test_no_customer_is_named(folder, made):
    ids = set(pl.read_parquet(folder / "new" / "orders.parquet")["customer_id"])
    assert len(ids) > 200
    assert [i for i in ids if i in made.html] == []
    assert "customer-" not in made.html.replace("customer-id", "")


def test_customers_to_begin_with_are_named_where_asked(folder):
    scores = folder / "new" / "scores"
    page = page_of(engine.report(scores, with_ids=True).html)
    by = ["value_at_stake", "customer_id"]
    best = engine.open_run(scores).customers.sort(by, descending=[True, False], nulls_last=True).head(20).collect()
    table = page.tables["Customers with most at stake"]
    assert shown(table, "customer")[0] == best["customer_id"].to_list()
    assert shown(table, "at stake")[1] == best["value_at_stake"].to_list()
    assert "This page names customers" in " ".join(page.texts["footer"])


def test_ids_that_warnings_name_stay_out_of_the_report(tmp_path):
    few = orders_of().with_columns(
        customer_id=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("till-77")).otherwise("customer_id")
    )
    few = few.with_columns(
        customer_id=pl.when(pl.int_range(pl.len()) % 100 == 1).then(pl.lit("guest")).otherwise("customer_id")
    )
    run = engine.score(write(tmp_path / "orders.parquet", few), out=tmp_path / "scores")
    assert any("till-77" in words for words in run.manifest["warnings"])
    assert any('"guest"' in words for words in run.manifest["warnings"])
    html = engine.report(tmp_path / "scores").html
    assert "till-77" not in html
    assert "guest" not in html
    assert "the warnings of the run name them" in html


def test_warnings_call_settings_as_the_table_of_definitions_does(tmp_path):
    engine.score(write(tmp_path / "orders.parquet", orders_of()), out=tmp_path / "scores", measures=False)
    record = json.loads((tmp_path / "scores" / "manifest.json").read_text())
    words = engine.Message(f"too few; give {setting('risk_days', 90)} or {setting('where')}")
    changed = {"warnings": [words], "settings_in_warnings": [words.places()]}
    (tmp_path / "scores" / "manifest.json").write_text(json.dumps(record | changed))
    page = page_of(engine.report(tmp_path / "scores").html)
    assert 'Too few; give "risk days: 90" or "where".' in page.texts["p"]


def test_the_same_result_gives_the_same_bytes(folder, made):
    assert engine.report(folder / "new" / "scores", compare=folder / "old" / "scores").html == made.html


def test_every_chart_has_words_and_a_table(made, page):
    figures = [a["id"] for tag, a in page.elements if tag == "figure"]
    assert [f"figure-{name}" for name in made.charts] == figures
    labels = [a["aria-label"] for tag, a in page.elements if tag == "svg"]
    assert len(labels) == 2 * len(figures)
    assert all(re.search(r"\d.*\.$", label) for label in labels), "each says its finding in numbers"
    assert len(page.tables) >= len(figures)


@pytest.mark.parametrize("until", [None, "no purchase model"])
def test_names_of_any_kind_stay_text(tmp_path, until):
    (tmp_path / "own.toml").write_text(SCHEME, encoding="utf-8")
    lines = orders_of() if until is None else orders_of().unique("customer_id").sort("customer_id")
    orders = write(tmp_path / "orders.parquet", lines)
    engine.score(orders, out=tmp_path / "scores", scoring=engine.Scoring(segments=str(tmp_path / "own.toml")))
    made = engine.report(tmp_path / "scores", title=MARKUP)
    page = page_of(made.html)
    assert len(page.texts["script"]) == 1
    assert not any(tag == "img" for tag, _ in page.elements)
    assert page.texts["h1"] == [MARKUP]
    (caption,) = (caption for caption in page.tables if caption.startswith("RFM segments by share of"))
    table = page.tables[caption]
    assert [row["segment"].shown for row in table][:2] == [MARKUP, "🐋 'quoted' \"twice\" $HOME `id`"]


def test_commands_list_the_customers_that_they_stand_by(tmp_path):
    """Also where names are such that a shell would run them."""
    (tmp_path / "own.toml").write_text(SCHEME, encoding="utf-8")
    orders = write(tmp_path / 'it\'s a "log"' / "orders.parquet", orders_of())
    scores = orders.with_name("scores")
    run = engine.score(orders, out=scores, scoring=engine.Scoring(segments=str(tmp_path / "own.toml")))
    commands = page_of(engine.report(scores).html).texts["code"]
    sizes = [
        row["customers"] for row in run.segments.to_dicts() if row["scheme"] in ("matrix", "rfm") and row["action"]
    ]
    assert len(commands) == len([n for n in sizes if n]) >= 4
    places = {}
    for i, command in enumerate(commands):
        folder = tmp_path / str(i)
        folder.mkdir()
        words = shlex.split(command)
        assert words[:2] == ["python", "-c"]
        subprocess.run([sys.executable, "-c", words[2]], check=True, cwd=folder)
        (written,) = folder.iterdir()
        places[command] = pl.read_csv(written)
    by_size = sorted(table.height for table in places.values())
    assert by_size == sorted(n for n in sizes if n)
    for table in places.values():
        assert table["value_at_stake"].is_sorted(descending=True)


def test_the_page_does_not_grow_with_the_customers(tmp_path):
    """Nor, beyond what is shown of them, with months: two logs of six years, one with thirty times the customers."""
    sizes = []
    for n in (300, 9_000):
        days = [DAY + timedelta(days=(i * 37) % 2190) for i in range(2 * n)]
        lines = pl.DataFrame(
            {
                "customer_id": [i % n for i in range(2 * n)],
                "order_ts": days,
                "amount": [1.0 + i % 97 for i in range(2 * n)],
            }
        )
        engine.score(write(tmp_path / f"{n}.parquet", lines), out=tmp_path / f"{n}")
        sizes.append(len(engine.report(tmp_path / f"{n}").html.encode()))
    assert sizes[1] < 1.1 * sizes[0]
    assert sizes[1] < 1_000_000


def log_of(*lines):
    return pl.DataFrame(
        lines, schema={"customer_id": pl.Int64, "order_ts": pl.Date, "amount": pl.Float64}, orient="row"
    )


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([(1, DAY, 5.0)], "1 customer was observed"),
        ([(1, DAY, 5.0), (1, DAY + timedelta(9), 5.0)], "1 (100.0% of buyers) with purchases on more than one day"),
        ([(i, DAY + timedelta(i), 5.0 + i) for i in range(40)], "0 (0.0% of buyers)"),
        ([(i % 3, DAY + timedelta(i), -5.0) for i in range(9)], "which is not positive: shares of it are not defined"),
        ([(1, DAY, 0.0), (2, DAY, 0.0)], "There is no customer lifetime value"),
    ],
    ids=["one customer", "one repeat customer", "no repeat", "all negative", "nothing paid"],
)
def test_odd_results_have_a_report_too(tmp_path, lines, says):
    engine.score(write(tmp_path / "orders.parquet", log_of(*lines)), out=tmp_path / "scores")
    made = engine.report(tmp_path / "scores")
    page = page_of(made.html)
    assert says in " ".join(page.texts["p"])
    for bad in ("nan", "inf", "None", "null"):
        numbers = [a[name] for tag, a in page.elements for name in a if name in ("x", "y", "d", "width", "height", "r")]
        assert not any(bad in (number or "") for number in numbers)
        assert not any(bad == word for text in page.texts["p"] for word in re.split(r"[ .,;()%]", text))


def test_a_result_without_measures_says_so(tmp_path):
    engine.score(write(tmp_path / "orders.parquet", orders_of()), out=tmp_path / "scores", measures=False)
    made = engine.report(tmp_path / "scores")
    assert "This result has no measures over time" in made.html
    assert "retention" not in made.charts


def test_risk_that_is_withheld_is_not_shown(tmp_path):
    """Customers who buy at random, all at one rate: nothing tells who will."""
    rng = np.random.default_rng(7)
    n_bought = rng.poisson(12, 1_200)
    lines = pl.DataFrame(
        {
            "customer_id": np.repeat(np.arange(1_200), n_bought),
            "order_ts": np.datetime64("2023-01-01", "D") + rng.integers(0, 730, n_bought.sum()),
            "amount": np.round(rng.gamma(20.0, 2.0, n_bought.sum()), 2),
        }
    )
    run = engine.score(write(tmp_path / "orders.parquet", lines), out=tmp_path / "scores")
    why = run.model["risk"]["withheld"]
    assert why.startswith("risk does not tell who comes back")
    made = run.report()
    page = page_of(made.html)
    assert "risk-value" not in made.charts
    assert f"There is no map of risk and value. {why[0].upper()}{why[1:]}." in page.texts["p"]
    assert f"Churn risk is withheld: {why}." in page.texts["p"]
    assert "By risk and value" not in page.texts["h3"]
    assert "at stake with them" not in " ".join(page.texts["p"])
    assert "churn risk" not in page.tables["RFM segments by share of customers, value and CLV"][0]


def test_a_result_of_an_older_version_is_to_be_scored_again(folder, tmp_path):
    engine.score(folder / "new" / "orders.parquet", out=tmp_path / "scores")
    path = tmp_path / "scores" / "segments.parquet"
    pl.read_parquet(path).drop("value_at_stake").write_parquet(path)
    told = refused(tmp_path / "scores")
    assert "(segments.parquet: value_at_stake); it is of whalecurve " in told
    assert told.endswith(": score its orders again")


def test_everything_is_written_and_nothing_else(folder, tmp_path):
    made = engine.report(folder / "new" / "scores", out=tmp_path / "a" / "r.html", figures=tmp_path / "figures")
    assert (tmp_path / "a" / "r.html").read_text(encoding="utf-8") == made.html
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "figures").iterdir()}
    assert files == {f"{name}.svg": svg for name, svg in made.charts.items()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "figures"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["r.html"]


def test_figures_are_drawn_as_png_where_asked(folder, tmp_path):
    scores, figures = folder / "new" / "scores", tmp_path / "figures"
    made = engine.report(scores, figures=figures)
    engine.report(scores, figures=figures, figures_as="png", overwrite=True)
    assert {path.name for path in figures.iterdir()} == {f"{name}.png" for name in made.charts}
    assert (figures / "whale-curve.png").read_bytes() == made.plot.whale_curve().png()
    assert "is unknown; choose svg or png" in refused(scores, figures=figures, figures_as="gif")


def refused(*arguments, **options):
    with pytest.raises(engine.InputError) as caught:
        engine.report(*arguments, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_what_is_there_is_replaced_only_if_asked(folder, tmp_path):
    scores, out, figures = folder / "new" / "scores", tmp_path / "r.html", tmp_path / "figures"
    out.write_text("mine")
    figures.mkdir()
    (figures / "old.svg").write_text("mine")
    assert refused(scores, out=out) == f'out="{out}": exists; choose another file, or replace it with overwrite=True'
    assert refused(scores, figures=figures).startswith(f'figures="{figures}": exists; choose another directory')
    assert out.read_text() == "mine"
    engine.report(scores, out=out, figures=figures, overwrite=True)
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert not (figures / "old.svg").exists()


def test_places_that_are_not_for_a_report_are_refused(folder, tmp_path):
    scores = folder / "new" / "scores"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    (tmp_path / "file").write_text("mine")
    assert "lies within the result that is read" in refused(scores, out=scores / "r.html")
    assert "a directory, expected a file" in refused(scores, out=tmp_path / "other")
    assert "a URL" in refused(scores, out="s3://bucket/r.html")
    assert "holds files that are not charts of a report (thesis.tex)" in refused(
        scores, figures=tmp_path / "other", overwrite=True
    )
    assert "a file; name a directory" in refused(scores, figures=tmp_path / "file", overwrite=True)
    assert "cannot be replaced" in refused(scores, figures=Path.cwd(), overwrite=True)
    assert "no whalecurve result" in refused(tmp_path / "other")


def test_a_notebook_shows_the_page_in_a_frame(made):
    frame = made._repr_html_()
    (attributes,) = (a for tag, a in page_of(frame).elements if tag == "iframe")
    assert attributes["srcdoc"] == made.html


def test_a_run_makes_its_report(tmp_path):
    run = engine.score(write(tmp_path / "orders.parquet", orders_of()), out=tmp_path / "scores")
    assert run.report(title="Monday").html == engine.report(tmp_path / "scores", title="Monday").html


def test_scoring_loads_nothing_of_reports():
    code = (
        "import sys; from whalecurve import engine; engine.score; from whalecurve.cli.main import app_of;"
        "app_of(['score']);"
        "print([name for name in sys.modules if 'reporting' in name or name.endswith('.report')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_who_is_due_is_said_where_the_result_tells_it(folder, made):
    run = engine.open_run(folder / "new" / "scores")
    due, basis = run.manifest["customers"]["due"], run.model["next_purchase"]["basis"]
    by = "the purchase model" if basis == "model" else "each customer's own rhythm"
    assert min(due.values()) > 1
    soon, overdue = f"{due['soon']:,} customers are", f"{due['overdue']:,} customers are"
    said = f"By {by}, {soon} due to buy within 30 days; {overdue} overdue"
    assert said in made.html.replace("&#x27;", "'")
