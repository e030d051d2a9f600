from datetime import date, timedelta
from pathlib import Path
from shutil import copy

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
        "--------  -----------  ------------\n"
        "customer  customer_id  whole number\n"
        "time      order_ts     date\n"
        "amount    amount       number\n"
        "margin    margin       number\n"
        "\n"
        "refused because  rows   share\n"
        "---------------  ----  ------\n"
        "null_amount         1  16.67%\n"
        "\n"
        "columns: customer_id (whole number), order_ts (date), amount (number), margin (number), shop (text)\n"
    )


def test_every_reason_is_listed_although_a_run_would_stop():
    write_all(Path("orders"), log(amount=[float("nan"), None, 1e300, 4.0, 5.0, 6.0]), log(customer_id=["", None] * 3))
    write(Path("orders/p0.parquet"), log(customer_id=pl.lit("x"), amount=[float("nan"), None, 1e300, 4.0, 5.0, 6.0]))
    found = printed_json("check", "orders")
    reasons = {"null_customer": 6, "null_amount": 1, "amount_not_finite": 1, "amount_out_of_range": 1}
    assert found["rows"] == {"read": 12, "filtered": 0, "used": 3, "refused": reasons}
    said = printed("check", "orders")
    for reason, n in reasons.items():
        assert f"{reason}" in said
        assert f"{n / 12:.2%}" in said
    assert "note: lines that name no customer: 6 (50.0%); they are not counted for any customer" in said
    assert "cannot be used" in refusal("score", "orders", "--out", "scores")


def test_lines_that_where_leaves_out_are_filtered_and_refused_lines_are_a_share_of_the_others():
    write(Path("a.parquet"), amount=[1.0, None, 3.0, 4.0, 5.0, 6.0])
    said = printed("check", "a.parquet", "--where", "customer_id < 3")
    assert said.splitlines()[0].startswith("1 file, 6 rows, ")
    assert said.splitlines()[0].endswith("; 3 rows filtered by --where or --keep")
    assert "null_amount         1  33.33%" in said
    found = printed_json("check", "a.parquet", "--where", "customer_id < 3")
    assert found["rows"] == {"read": 6, "filtered": 3, "used": 2, "refused": {"null_amount": 1}}


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
    assert found["rows"] == {"read": 6, "filtered": 2, "used": 3, "refused": {"before_since": 1}}
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


def test_a_log_with_seven_faults_at_once_has_a_line_for_each():
    n = 1_200
    days = [date(2024, 1, 1) + timedelta(days=i // 10) for i in range(n)]
    lines = pl.DataFrame(
        {
            "customer_id": ["guest" if i % 3 == 0 else f"c{i % 150}" for i in range(n)],
            "order_ts": [*days[:-2], date(2034, 1, 5), date(2034, 3, 8)],
            "amount": [-5.0 if i % 100 == 7 else 4e-8 if i % 100 == 8 else 10.0 + i for i in range(n)],
            "back": [i % 100 == 9 for i in range(n)],
            "ccy": ["USD" if i % 10 == 0 else "EUR" for i in range(n)],
        }
    )
    write_all(Path("orders"), lines, pl.concat([lines.head(50), lines.head(40)]))
    copy(Path("orders/p1.parquet"), Path("orders/p2.parquet"))
    Path("orders/p3.csv").write_text("customer_id,order_ts,amount\n")
    said = printed("check", "orders", "--return-flag", "back").splitlines()
    notes = [line.removeprefix("note: ") for line in said if line.startswith("note: ")]
    assert notes == [
        "2 lines on 2 days from 2034-01-05 to 2034-03-08: 3,538 days after all others, which end on 2024-04-29; if the "
        "dates are wrong, give --as-of 2024-04-29",
        "orders/p2.parquet is a copy of orders/p1.parquet: 90 lines count twice; exclude it",
        "files of the directories that are not read, as a directory is read as files of one kind, told by their names: "
        "1, as orders/p3.csv; if they hold orders, name them",
        "return lines with a positive amount: 16; it was taken off all the same",
        "lines with a negative amount that --return-flag does not mark: 16; they count as returns",
        "lines with an amount other than 0 but less than half a millionth: 16; they count as 0, as money is kept to "
        'six decimals; if that matters, scale it, as --amount "amount * 1000"',
        'customer ids that look like placeholders: "guest" with 462 lines (33.5%); if they stand for nobody, give '
        "--nobody guest",
        "lines equal to another one in all 5 columns: 180 of 1,380 (13.0%); if they were loaded twice, their amounts "
        "count twice",
        '"ccy" names several currencies, with so many lines each: EUR (1,242), USD (138); their amounts are added up '
        "as they stand: convert them in --amount, or choose one, as --where \"ccy = 'EUR'\"",
        "100 of 101 customers with 3 gaps or more buy at regular gaps, the middle one of 15 days, as subscribers do: "
        "the models assume customers who may buy at any time and leave without saying so; leave the lines of "
        "subscriptions out with --where; the command subscriptions measures contracts",
    ]
    found = printed_json("check", "orders", "--return-flag", "back")
    assert found["lines"] == {"returns": 32, "unflagged_returns": 16, "below_resolution": 16}
    assert found["copies"] == [["orders/p1.parquet", "orders/p2.parquet"]]
    assert found["currencies"] == {"ccy": {"EUR": 1242, "USD": 138}}
    assert found["equal_lines"]["n_equal"] == 180


def test_once_the_faults_are_seen_to_nothing_is_left_to_note():
    ids = ["guest", "NULL", *["a"] * 500, *[f"c{i}" for i in range(600)]]
    days = [date(2024, 1, 1) + timedelta(days=i // 10) for i in range(len(ids))]
    write(Path("a.parquet"), pl.DataFrame({"customer_id": ids, "order_ts": days, "amount": range(1, len(ids) + 1)}))
    assert len(printed_json("check", "a.parquet")["warnings"]) == 2
    found = printed_json("check", "a.parquet", "--nobody", "guest,NULL,a")
    assert found["rows"]["refused"] == {"named_nobody": 502}
    assert found["warnings"] == ["lines of ids that `nobody` names: 502 (45.6%); they are not counted for any customer"]
    Path("own.toml").write_text('nobody = "guest,NULL,a"\n')
    assert printed_json("check", "a.parquet", "--config", "own.toml") == found


def test_a_check_of_text_says_what_of_it_cannot_be_read():
    log().write_csv("a.csv")
    with open("a.csv", "a", encoding="utf-8") as file:  # noqa: PTH123 - a relative name, as a user gives it
        file.write("4,2024-01-30,many\n5,2024-01-30\n")
    first, *_, columns = printed("check", "a.csv").splitlines()
    assert first.startswith("1 file, 8 rows, 0.2 kB")
    assert columns == "columns: customer_id (whole number), order_ts (date), amount (text)"
    record = printed_json("check", "a.csv")
    assert record["rows"] == {"read": 8, "filtered": 0, "used": 6, "refused": {"unreadable": 2}}
    assert record["roles"]["customer"]["type"] == "String"
    assert record["roles"]["amount"]["type"] == "Float64"
