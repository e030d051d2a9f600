from datetime import datetime

import polars as pl
import pytest

from tests.support.exports import EXPORTS, shop
from tests.support.logs import log, write
from whalecurve import engine

LINES = shop()
SHOP = LINES.select(
    pl.col("order").alias("Order No"),
    pl.col("time").dt.strftime("%d.%m.%Y").alias("Order Date"),
    pl.col("email").alias("E-Mail"),
    (pl.col("quantity") * pl.col("price") / 100).alias("Line Total"),
    pl.col("product").alias("SKU"),
)


def proposed(tmp_path, lines, suffix="parquet", **options):
    path = tmp_path / f"a.{suffix}"
    lines.write_csv(path) if suffix == "csv" else lines.write_parquet(path)
    return engine.propose(path, **options)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_recognised_and_its_settings_find_what_every_customer_bought(tmp_path, name):
    export, true = EXPORTS[name](LINES)
    proposal = proposed(tmp_path, export)
    assert proposal.export == name
    summary = engine.customer_summary(engine.scan_orders(tmp_path / "a.parquet", proposal.columns)).collect()
    found = dict(summary.select(pl.col("customer_id").cast(pl.String), (pl.col("revenue") * 100).round()).rows())
    assert found == true.to_pandas().groupby("customer")["cents"].sum().to_dict()


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_of_other_logs_roles_are_found_by_names_and_content(tmp_path, suffix):
    proposal = proposed(tmp_path, SHOP, suffix)
    assert (proposal.export, proposal.title) == (None, "")
    assert [decision.setting for decision in proposal.decisions] == ["customer", "time", "amount", "order"]
    columns = proposal.columns
    assert columns.customer == 'LOWER(TRIM("E-Mail"))'
    assert (columns.amount, columns.order) == ("Line Total", "Order No")
    assert proposal.dimensions == ("SKU",)
    assert proposal.n_tried == SHOP.height
    assert proposal.refused == {"null_customer": SHOP["E-Mail"].null_count()}
    revenue = engine.customer_summary(engine.scan_orders(tmp_path / f"a.{suffix}", columns)).collect()["revenue"].sum()
    assert revenue == pytest.approx(SHOP.drop_nulls("E-Mail")["Line Total"].sum())


def test_a_frame_is_proposed_for_as_a_file_is(tmp_path):
    export = EXPORTS["shopify"](LINES)[0]
    assert engine.propose(export).columns == engine.propose(export.to_pandas()).columns
    assert engine.propose(export).columns == proposed(tmp_path, export).columns


def test_columns_written_on_one_line_of_an_order_are_filled_within_it(tmp_path):
    first = pl.int_range(pl.len()).over("Order No") == 0
    lines = SHOP.with_columns(pl.when(first).then(pl.col(name)).alias(name) for name in ("E-Mail", "Order Date"))
    proposal = proposed(tmp_path, lines)
    assert proposal.columns.fill_down == ("E-Mail", "Order Date")
    assert proposal.refused == {"null_customer": SHOP["E-Mail"].null_count()}
    assert proposed(tmp_path, SHOP).columns.fill_down == ()


def doubts(tmp_path, lines):
    return " | ".join(proposed(tmp_path, lines).doubts)


def test_what_may_be_otherwise_is_said(tmp_path):
    assert doubts(tmp_path, SHOP) == ""
    total = SHOP.with_columns(pl.col("Line Total").sum().over("Order No").alias("Line Total"))
    assert '"Line Total" is the same on all lines of' in doubts(tmp_path, total)
    assert "`time` may as well be TRY_STRPTIME" in doubts(tmp_path, SHOP.with_columns(paid_at="Order Date"))
    assert "`cost` is taken for the cost of the whole line" in doubts(tmp_path, SHOP.with_columns(cost=pl.lit(1.0)))
    states = SHOP.with_columns(status=pl.Series(["paid", "Cancelled"] * SHOP.height).head(SHOP.height))
    assert """leave such lines out with keep="COALESCE(status, '') NOT IN ('Cancelled')\"""" in doubts(tmp_path, states)
    early = SHOP.filter(pl.col("Order Date").str.slice(0, 2).cast(pl.Int64) <= 12)
    slashes = early.with_columns(pl.col("Order Date").str.replace_all(".", "/", literal=True))
    assert "`time`: they fit %m/%d/%Y as well" in doubts(tmp_path, slashes)


def test_an_export_may_be_read_as_another_one(tmp_path):
    proposal = proposed(tmp_path, EXPORTS["shopify"](LINES)[0])
    assert any('with preset="shopify-orders"' in doubt for doubt in proposal.doubts)
    other = proposed(tmp_path, EXPORTS["shopify"](LINES)[0], preset="shopify-orders")
    assert other.export == "shopify-orders"


def test_whose_days_count_is_not_sure_where_times_are_instants(tmp_path):
    zoned = SHOP.with_columns(pl.col("Order Date").str.to_datetime("%d.%m.%Y", time_zone="UTC"))
    assert 'days are those of UTC; if the shop is elsewhere, name its zone with timezone="ZONE"' in doubts(
        tmp_path, zoned
    )


def test_dates_of_an_export_that_may_be_read_in_two_ways_are_not_sure(tmp_path):
    export = EXPORTS["bigcommerce"](LINES)[0]
    early = export.filter(pl.col("Order Date").str.slice(0, 2).cast(pl.Int64) <= 12)
    assert '"Order Date": they fit %m/%d/%Y as well' in doubts(tmp_path, early)
    assert "fit" not in doubts(tmp_path, export)


def test_an_export_whose_cells_do_not_read_is_taken_by_names_with_the_reason(tmp_path):
    export = EXPORTS["woocommerce"](LINES)[0].with_columns(pl.lit("dear").alias("tax_total"))
    proposal = proposed(tmp_path, export)
    assert proposal.export is None
    assert 'column "tax_total" does not read as a number' in proposal.doubts[0]
    assert proposal.columns.amount == "TRY_CAST(order_total AS DOUBLE)"


def test_a_role_that_nothing_can_play_is_an_error_that_names_all_of_them(tmp_path):
    with pytest.raises(engine.InputError) as caught:
        proposed(tmp_path, pl.DataFrame({"a": ["x"], "b": ["y"]}))
    assert str(caught.value).endswith('name columns with customer="NAME" time="NAME" amount="NAME"')


def test_a_log_without_rows_is_refused(tmp_path):
    with pytest.raises(engine.InputError, match=r"a\.parquet: no rows at all; name the files that hold the orders"):
        proposed(tmp_path, SHOP.clear())


def test_columns_of_any_type_and_name_are_no_hindrance(tmp_path):
    odd = log(
        **{"*": pl.lit(1.5), "^a$": pl.lit("x"), "": pl.lit("y")},
        tags=pl.lit([1]), parts=pl.struct(a=1), raw=pl.lit(b"z"), span=pl.duration(days=1), clock=pl.time(12),
        big=pl.lit(2**80, dtype=pl.Int128), kind=pl.lit("a").cast(pl.Categorical), none=pl.lit(None),
        price=pl.lit("1.10").cast(pl.Decimal(10, 2)),
    ).rename({"customer_id": "who", "amount": "paid"})  # fmt: skip
    assert proposed(tmp_path, odd, given={"customer": "who"}).columns == engine.Columns(
        customer="who", time="order_ts", amount="price"
    )
    with pytest.raises(engine.InputError, match='; name one of them with customer="NAME"'):
        proposed(tmp_path, odd)


def test_what_is_given_is_taken_as_the_sample_spells_it(tmp_path):
    lines = SHOP.with_columns(pl.format("£{}", "Line Total").alias("Line Total"), who=pl.lit("x"))
    proposal = proposed(tmp_path, lines, given={"customer": "who", "amount": "Line Total", "order": "UPPER(who)"})
    assert proposal.columns.customer == "who"
    assert proposal.columns.amount == "TRY_CAST(REPLACE(\"Line Total\", '£', '') AS DOUBLE)"
    assert proposal.columns.order == "UPPER(who)"
    whys = {decision.setting: decision.why for decision in proposal.decisions}
    assert whys["customer"] == whys["amount"] == whys["order"] == "as given"
    with pytest.raises(engine.InputError, match=r'no column "whoo" for `customer`; .* try customer="who"'):
        proposed(tmp_path, lines, given={"customer": "whoo"})
    with pytest.raises(engine.InputError, match="is neither a column nor a valid SQL expression"):
        proposed(tmp_path, lines, given={"amount": "1 +* 2"})


def test_what_is_given_goes_before_the_export(tmp_path):
    export = EXPORTS["woocommerce"](LINES)[0]
    proposal = proposed(tmp_path, export, given={"customer": "customer_id"})
    assert (proposal.export, proposal.columns.customer) == ("woocommerce", "customer_id")
    assert {decision.setting: decision.why for decision in proposal.decisions}["customer"] == "as given"


def test_a_log_with_the_usual_names_needs_nothing_else(tmp_path):
    path = write(tmp_path / "a.parquet", log(margin=pl.lit(1.0), order_id=pl.lit("x")))
    found = {decision.setting: decision.value for decision in engine.propose(path).decisions}
    assert found == {
        "customer": "customer_id", "time": "order_ts", "amount": "amount", "order": "order_id", "margin": "margin"
    }  # fmt: skip


@pytest.mark.parametrize("offset", ["+01:00", "Z", " -0700"])
def test_times_with_an_offset_are_the_same_instants_as_text_in_parquet_and_in_csv(tmp_path, offset):
    times = [f"2024-01-{day:02} 23:30:00{offset}" for day in range(1, 29)]
    lines = pl.DataFrame({"customer_id": ["a"] * 28, "order_ts": times, "amount": [1.0] * 28})
    lines.write_csv(tmp_path / "a.csv")
    lines.write_parquet(tmp_path / "a.parquet")
    found = engine.propose(tmp_path / "a.parquet").columns
    logs = [engine.scan_orders(tmp_path / "a.csv"), engine.scan_orders(tmp_path / "a.parquet", found)]
    instants = [log.lines.collect()["time"].dt.convert_time_zone("UTC") for log in logs]
    assert instants[0].equals(instants[1])
    assert instants[0].dtype == pl.Datetime("us", "UTC")
    first = datetime.strptime(times[0].replace(" ", ""), "%Y-%m-%d%H:%M:%S%z")
    assert instants[0][0] == first
    assert {log.timezone for log in logs} == {"UTC"}
