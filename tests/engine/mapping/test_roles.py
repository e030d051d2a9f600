import polars as pl
import pytest

from tests.support.logs import write
from whalecurve import engine


def refusal(path, **columns):
    with pytest.raises(engine.InputError) as caught:
        engine.scan_orders(path, engine.Columns(**columns))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_all_roles_of_a_wrong_type_are_named_at_once(tmp_path):
    path = write(tmp_path / "a.parquet", amount=pl.lit("1,50"), order_ts=pl.lit("2024-01-31"))
    assert refusal(path) == (
        f'{path}: `time` "order_ts" is String, expected a date or datetime; parse it, as '
        """time="TRY_STRPTIME(order_ts, '%Y-%m-%d')", or map another column with time="NAME"; """
        '`amount` "amount" is String, expected a number; cast it, as '
        """amount="TRY_CAST(REPLACE(REPLACE(amount, '.', ''), ',', '.') AS DOUBLE)", or map another column with """
        'amount="NAME"'
    )


def test_advice_about_a_time_of_two_readings_says_so(tmp_path):
    days = [f"0{day}/0{month}/2024" for month in (1, 2) for day in (1, 2, 3)]
    message = refusal(write(tmp_path / "a.parquet", order_ts=days))
    assert "time=\"TRY_STRPTIME(order_ts, '%d/%m/%Y')\" (they fit %m/%d/%Y as well; by %d/%m/%Y the days" in message


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        (pl.lit("soon"), "parse it with TRY_STRPTIME(order_ts, FORMAT), as none of the usual formats reads it"),
        (
            pl.lit(1_700_000_000),
            'it reads as seconds since 1970, days by the clock of UTC: time="CAST(order_ts * 1000000',
        ),
        (pl.lit(12), "an epoch says neither its unit nor its zone, so spell it out: "),
        (pl.lit(None), "it has no value in any row; map another column"),
    ],
)
def test_advice_about_a_time_goes_by_the_values(tmp_path, values, advice):
    assert advice in refusal(write(tmp_path / "a.parquet", order_ts=values))


def test_an_amount_that_is_no_number_has_no_cast_to_offer(tmp_path):
    message = refusal(write(tmp_path / "a.parquet", amount=pl.lit("much")))
    assert message.endswith('expected a number; it does not read as numbers; map another column with amount="NAME"')
