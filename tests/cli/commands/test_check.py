from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal
from tests.support.logs import log, write, write_all


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_check_reads_like_this():
    write(Path("a.parquet"), margin=pl.lit(0.5), shop=pl.lit("north"), amount=[1.0, 2.0, -3.0, 4.0, None, 6.0])
    size = Path("a.parquet").stat().st_size / 1e3
    assert printed("check", "a.parquet") == (
        f"1 file, 6 rows, {size:.1f} kB\n"
        "5 usable order lines of 3 customers, 2024-01-01 to 2024-01-20; 1 of them returns\n"
        "net amount 10, margin 2\n"
        "\n"
        "role      mapping      type\n"
        "--------  -----------  -------\n"
        "customer  customer_id  Int64\n"
        "time      order_ts     Date\n"
        "amount    amount       Float64\n"
        "margin    margin       Float64\n"
        "\n"
        "refused because  rows   share\n"
        "---------------  ----  ------\n"
        "null_amount         1  16.67%\n"
        "\n"
        "columns: customer_id (Int64), order_ts (Date), amount (Float64), margin (Float64), shop (String)\n"
    )


def test_every_reason_is_listed_although_a_run_would_stop():
    write_all(Path("orders"), log(amount=[float("nan"), None, 1e300, 4.0, 5.0, 6.0]), log(customer_id=["", None] * 3))
    write(Path("orders/p0.parquet"), log(customer_id=pl.lit("x"), amount=[float("nan"), None, 1e300, 4.0, 5.0, 6.0]))
    found = printed_json("check", "orders")
    reasons = {"null_customer": 6, "null_amount": 1, "amount_not_finite": 1, "amount_out_of_range": 1}
    assert found["rows"] == {"read": 12, "used": 3, "refused": reasons}
    said = printed("check", "orders")
    for reason, n in reasons.items():
        assert f"{reason}" in said
        assert f"{n / 12:.2%}" in said
    assert "note: lines that name no customer: 6 (50.0%); they are in nobody's value" in said
    assert "cannot be used" in refusal("score", "orders", "--out", "scores")


def test_where_nothing_is_usable_the_reasons_are_still_given():
    write(Path("a.parquet"), amount=[float("nan"), None, 1e300, None, None, None])
    message = refusal("check", "a.parquet")
    assert "no usable row (1 amount_not_finite, 1 amount_out_of_range, 4 null_amount); check the mapping" in message


def test_mapping_and_window_are_those_of_score():
    write(Path("a.parquet"), log().rename({"customer_id": "who", "order_ts": "at"}).with_columns(n=pl.lit(2)))
    args = [
        "--customer",
        "who",
        "--time",
        "at",
        "--amount",
        "amount * n",
        "--since",
        "2024-01-02",
        "--as-of",
        "2024-01-09",
    ]
    found = printed_json("check", "a.parquet", *args, "--where", "amount < 5", "--return-flag", "n = 1", "--cost", "n")
    assert found["amount"] == 2 * (2.0 + 3.0 + 4.0)
    assert found["margin"] == 2 * (2.0 + 3.0 + 4.0) - 3 * 2
    assert found["rows"] == {"read": 6, "used": 3, "refused": {"before_since": 1, "excluded_by_where": 2}}
    assert found["roles"]["amount"] == {"mapping": "amount * n", "type": "Float64"}
    assert (found["first_day"], found["last_day"], found["as_of"]) == ("2024-01-02", "2024-01-09", "2024-01-09")


def test_a_zone_decides_the_day():
    late = pl.datetime(2024, 1, 1, 23, 30, time_zone="UTC")
    write(Path("a.parquet"), order_ts=late)
    assert printed_json("check", "a.parquet")["last_day"] == "2024-01-01"
    assert printed_json("check", "a.parquet", "--timezone", "Europe/Berlin")["last_day"] == "2024-01-02"


def test_a_zone_for_times_without_one_is_remarked():
    write(Path("a.parquet"))
    assert "note: --timezone Europe/Berlin changes nothing" in printed(
        "check", "a.parquet", "--timezone", "Europe/Berlin"
    )


def test_an_alien_last_day_is_remarked():
    write(Path("a.parquet"), order_ts=[*log()["order_ts"][:5], log()["order_ts"][5].replace(year=2042)])
    words = "note: 1 line on 2042-01-20: 6,586 days after all others, which end on 2024-01-09; if the dates are wrong, "
    assert words + "give --as-of 2024-01-09" in printed("check", "a.parquet")


def test_nothing_is_written():
    write(Path("a.parquet"))
    printed("check", "a.parquet")
    assert list(Path().iterdir()) == [Path("a.parquet")]
