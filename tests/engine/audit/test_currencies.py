import shlex

import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.cli.errors import in_options
from whalecurve.engine.audit.currencies import MAJOR, currencies_in_footers, says_currency, several_currencies
from whalecurve.engine.shop_exports import CURRENCY_CODES
from whalecurve.engine.sql_text import quoted


def found(path, **columns):
    return {one.column: one.lines for one in several_currencies(engine.scan_orders(path, engine.Columns(**columns)))}


EUROS_AND_DOLLARS = ["EUR", "EUR", "USD", "EUR", "USD", None]


@pytest.mark.parametrize(
    "name", ["currency", "Currency_Code", "currencyCode", "ORDER_CURRENCY", "ccy", "ordercurrency"]
)
@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical, pl.Enum(["EUR", "USD"])])
def test_a_column_by_the_name_of_currency_with_several_values_is_told(tmp_path, name, dtype):
    path = write(tmp_path / "a.parquet", log().with_columns(pl.Series(name, EUROS_AND_DOLLARS, dtype=dtype)))
    assert found(path) == {name: {"EUR": 3, "USD": 2}}


def test_the_message_names_values_with_their_lines_and_what_to_do(tmp_path):
    path = write(tmp_path / "a.parquet", currency=["eur", "EUR ", "USD", "GBP", "$", ""])
    (one,) = several_currencies(engine.scan_orders(path))
    assert one.said() == (
        '"currency" names several currencies, with so many lines each: EUR (2), $ (1), GBP (1), USD (1); their amounts '
        "are added up as they stand: convert them in `amount`, or choose one, as "
        "where=\"UPPER(TRIM(currency)) = 'EUR'\""
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Currency Code", ["EUR", "EUR", "EUR", "USD", "USD", None]),
        ("currency", ["eur", "EUR ", "Eur", "usd", "USD", ""]),
        ("currency", ["E'R", "E'R", "E'R", "USD", "USD", None]),
        ("currency_id", [1, 1, 1, 2, 2, 3]),
    ],
)
def test_the_condition_that_it_advises_selects_the_lines_that_it_counts(tmp_path, name, values):
    path = write(tmp_path / "a.parquet", log().with_columns(pl.Series(name, values)))
    (one,) = several_currencies(engine.scan_orders(path))
    condition = shlex.split(in_options(one.said()).partition("--where ")[2])[0]
    checked = engine.check_orders(path, engine.Columns(where=condition))
    assert checked.audit.n_read - checked.audit.n_filtered == 3
    assert checked.currencies == ()


@pytest.mark.parametrize("values", [["EUR"] * 6, ["EUR", "eur", " EUR", None, "", "EUR"], [None] * 6])
def test_one_currency_is_nothing_to_tell(tmp_path, values):
    path = write(tmp_path / "a.parquet", currency=pl.Series(values, dtype=pl.String))
    assert found(path) == {}


def test_a_column_of_another_name_is_told_where_all_values_are_codes(tmp_path):
    path = write(tmp_path / "a.parquet", money=EUROS_AND_DOLLARS, size=["ALL", "TOP"] * 3, land=["DEU", "FRA"] * 3)
    assert found(path) == {"money": {"EUR": 3, "USD": 2}}
    assert found(write(tmp_path / "b.parquet", money=[*EUROS_AND_DOLLARS[:5], "many"])) == {}


def test_one_currency_to_a_file_makes_several_in_the_log(tmp_path):
    folder = write_all(tmp_path, log(money=pl.lit("EUR")), log(money=pl.lit("CHF")), log())
    assert found(folder) == {"money": {"CHF": 6, "EUR": 6}}
    partitioned = tmp_path / "by"
    for code in ("EUR", "USD"):
        write(partitioned / f"ccy={code}" / "a.parquet")
    assert found(partitioned) == {"ccy": {"EUR": 6, "USD": 6}}


def test_where_may_choose_one_and_an_amount_may_convert(tmp_path):
    path = write(tmp_path / "a.parquet", currency=EUROS_AND_DOLLARS)
    assert found(path, where="currency = 'EUR'") == {}
    assert found(path, amount="CASE WHEN currency = 'USD' THEN amount * 0.9 ELSE amount END") == {}
    assert len(found(path, where="amount > 0")) == 1


@pytest.mark.parametrize(
    ("amount", "own", "paid_in"),
    [
        ("Converted Amount", "Converted Currency", "Currency"),
        ("base_total", "base_currency_code", "order_currency_code"),
    ],
)
def test_the_currency_that_was_paid_in_is_nothing_to_tell_where_converted_amounts_are_counted(
    tmp_path, amount, own, paid_in
):
    lines = log().rename({"amount": amount}).with_columns(pl.Series(paid_in, EUROS_AND_DOLLARS))
    one = write(tmp_path / "a.parquet", lines.with_columns(pl.lit("USD").alias(own)))
    assert found(one, amount=quoted(amount)) == {}
    assert in_footers(one, amount=quoted(amount)) == []
    several = write(tmp_path / "b.parquet", lines.with_columns(pl.Series(own, EUROS_AND_DOLLARS)))
    assert found(several, amount=quoted(amount)) == {own: {"EUR": 3, "USD": 2}}
    assert found(write(tmp_path / "c.parquet", lines), amount=quoted(amount)) == {paid_in: {"EUR": 3, "USD": 2}}


def test_numbers_of_currencies_count_and_rates_do_not(tmp_path):
    path = write(tmp_path / "a.parquet", currency_id=[1, 1, 2, 2, 3, 3], currency_rate=[1.0, 1.1] * 3)
    assert found(path) == {"currency_id": {"1": 2, "2": 2, "3": 2}}


@pytest.mark.parametrize("name", ["current", "occurrence", "curr_qty", "current_city", "recurring", "max_concurrency"])
def test_names_that_only_sound_alike_say_nothing_of_currency(name):
    assert not says_currency(name)


def test_major_currencies_are_among_the_codes():
    assert MAJOR < CURRENCY_CODES
    assert all(len(code) == 3 and code.isupper() for code in CURRENCY_CODES)


def in_footers(path, **columns):
    return currencies_in_footers(engine.scan_orders(path, engine.Columns(**columns)))


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical, pl.Enum(["EUR", "USD"])])
def test_without_reading_a_row_two_of_several_currencies_are_told(tmp_path, dtype):
    path = write(tmp_path / "a.parquet", currency=pl.Series(EUROS_AND_DOLLARS, dtype=dtype))
    assert in_footers(path) == [
        '"currency" names several currencies, as EUR and USD; their amounts are added up as they stand: convert them '
        "in `amount`, or choose one in `where`"
    ]


def test_footers_of_one_currency_or_of_what_the_user_sees_to_tell_nothing(tmp_path):
    one = write_all(tmp_path / "one", log(currency=pl.lit("EUR")), log(currency=pl.lit(" eur")), log())
    assert in_footers(one) == []
    two = write_all(tmp_path / "two", log(currency=pl.lit("EUR")), log(), log(currency=pl.lit("CHF")))
    assert len(in_footers(two)) == 1
    assert in_footers(two, where="amount > 1") == []
    assert in_footers(write(tmp_path / "a.parquet", cur=EUROS_AND_DOLLARS), amount="amount") == []
    path = write(tmp_path / "b.parquet", currency=EUROS_AND_DOLLARS)
    assert in_footers(path, amount="CASE WHEN currency = 'USD' THEN amount * 0.9 ELSE amount END") == []


def test_a_score_notes_several_currencies(tmp_path):
    path = write(tmp_path / "a.parquet", currency=EUROS_AND_DOLLARS)
    run = engine.score(path, out=tmp_path / "scores")
    assert any(
        words.startswith('"currency" names several currencies, as EUR and USD') for words in run.manifest["warnings"]
    )
