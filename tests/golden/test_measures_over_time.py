"""A dozen customers over fifteen months, worked out by hand."""

import json
from datetime import date

import numpy as np
import polars as pl
import pytest

from tests.oracle.measures import Day
from tests.support.day_logs import sums_of
from whalecurve.engine.measures.measures import MeasureSettings, measures_of

# Purchase days by customer; 10 of revenue and 2 of margin each. As-of is 15 March 2025, so March is cut.
PURCHASES = {
    0: ["2024-01-05", "2024-02-05", "2024-03-05", "2024-04-05", "2025-01-10", "2025-02-10"],  # loyal
    1: ["2024-01-10", "2024-02-20"],  # back after 41 days
    2: ["2024-01-15"],  # one and done
    3: ["2024-01-31", "2024-04-30"],  # back after 90 days: the last that is soon
    4: ["2024-02-01", "2024-05-02"],  # back after 91 days: too late
    5: ["2024-02-10", "2025-02-10"],  # back after 366 days: lapsed on 9 February 2025, and the next day back
    6: ["2024-02-15", "2025-03-01"],  # back after 380 days: lapsed on 14 February 2025, won back in March
    7: ["2024-12-01", "2024-12-20"],
    8: ["2024-12-15"],  # 90 days ago: just aged
    9: ["2024-12-16"],  # 89 days ago: not yet
    10: ["2025-01-02", "2025-01-20"],
}
RETURNED_FIRST = 0  # 5 back on 2 January 2024, before the first purchase
RETURNS_ONLY = 11  # 5 back on 3 March 2024, and never a purchase
GOLD = [0, 1, 2, 3, 4]


@pytest.fixture(scope="module")
def found():
    setting = MeasureSettings(
        observed_from=date(2024, 1, 1),
        as_of=date(2025, 3, 15),
        schemes=(("tier", ("gold", "iron", "lead")),),
        has_margin=True,
    )
    log = [Day(c, date.fromisoformat(day), 10, 2) for c, days in PURCHASES.items() for day in days]
    log += [Day(RETURNED_FIRST, date(2024, 1, 2), -5, -1, False), Day(RETURNS_ONLY, date(2024, 3, 3), -5, -1, False)]
    codes = [0 if customer in GOLD else 1 for customer in range(11)] + [255]
    sums = sums_of(log, setting, np.array(codes, np.uint8)[:, None])
    return measures_of(sums, model_clv={("all", "all"): 12.5})


def rows(table, **where):
    for name, value in where.items():
        table = table.filter(pl.col(name) == value)
    return list(table.iter_rows(named=True))


def test_all_customers(found):
    (row,) = rows(found.groups, scheme="all")
    assert (row["customers"], row["buyers"], row["repeat_customers"]) == (12, 11, 8)
    assert row["repeat_rate"] == 8 / 11
    # from 16 March 2024: 0, 3, 4, 5, 6, 7, 8, 9, 10; twice: 0, 7, 10
    assert (row["year_buyers"], row["year_repeat_customers"]) == (9, 3)
    # 9 and 10 are too young; 2 and 8 have one purchase day
    assert (row["aged"], row["one_and_done"]) == (9, 2)
    # 1, 3, 7 and 0 were back within 90 days
    assert (row["new_observed"], row["new_back"], row["stickiness"]) == (9, 4, 4 / 9)
    assert row["stickiness_low"] == pytest.approx(0.18878, abs=1e-5)
    assert row["stickiness_high"] == pytest.approx(0.73334, abs=1e-5)
    assert (row["sold"], row["returned"], row["return_rate"]) == (230.0, 10.0, 10 / 230)
    assert (row["sale_lines"], row["return_lines"], row["line_return_rate"]) == (23, 2, 2 / 23)
    # the year before is not observed in full, so there is no churn, and no lifespan
    assert row["annual_churn"] is row["lifespan"] is row["simple_clv"] is None
    # in the last 365 days: 0 has 3 purchase days, 7 and 10 have 2, the other six 1
    assert row["purchases_a_year"] == 13 / 9
    assert row["average_purchase_value"] == 10.0
    assert row["model_clv"] == 12.5


def test_segments(found):
    gold, iron, nobody = (row for row in rows(found.groups, scheme="tier"))
    assert [row["group"] for row in (gold, iron, nobody)] == ["gold", "iron", None]
    assert [row["customers"] for row in (gold, iron, nobody)] == [5, 6, 1]
    assert (gold["one_and_done"], iron["one_and_done"]) == (1, 1)
    assert nobody["repeat_rate"] is None


def test_months(found):
    months = {row["start"].isoformat()[:7]: row for row in rows(found.periods, scheme="all", period="month")}
    assert len(months) == 15
    february = months["2024-02"]  # 0, 1, 4, 5, 6; in January 0, 1, 2, 3
    assert (february["active"], february["previous"], february["retained"], february["new"]) == (5, 4, 2, 3)
    assert (february["retention"], february["churn"]) == (0.5, 0.5)
    last = months["2025-02"]  # 0 retained from January; 5 comes back; in January 0 and 10
    assert (last["active"], last["retained"], last["reactivated"]) == (2, 1, 1)
    assert (last["retention"], last["reactivation"]) == (0.5, 0.5)
    # at the start of February 2025 those with a purchase since 2 February 2024: all eleven but 2. Of them 5 was
    # back in time, 1 was not by 19 February, and 6 not by 14 February
    assert (last["at_start"], last["lost"], last["lost_share"]) == (10, 2, 0.2)
    assert months["2024-12"]["at_start"] is None
    cut = months["2025-03"]
    assert (cut["is_complete"], cut["active"], cut["reactivated"]) == (False, 1, 1)
    assert cut["reactivation"] is None
    assert cut["retention"] is cut["lost"] is cut["purchase_frequency"] is None
    assert months["2024-03"]["revenue"] == 5.0
    assert months["2024-01"]["retention"] is None


def test_where_nobody_could_be_seen_to_come_back_it_is_not_said_that_nobody_did(found):
    named = ("previous", "retained", "reactivated", "reactivation")
    first, second, third = rows(found.periods, scheme="all", period="month")[:3]
    assert [first[name] for name in named] == [None] * 4
    assert [second[name] for name in named] == [4, 2, None, None]
    assert [third[name] for name in named] == [5, 1, 0, 0.0]  # 0, as in February; January is observed, too
    quarters = rows(found.periods, scheme="all", period="quarter")
    assert [row["reactivated"] for row in quarters] == [None, None, 0, 0, 3]  # 0, 5 and 6 are back; the rest new
    assert [row["reactivated"] for row in rows(found.periods, scheme="all", period="year")] == [None, None]


def test_a_month_cut_at_the_start_shows_nobody_to_come_back():
    setting = MeasureSettings(observed_from=date(2024, 3, 2), as_of=date(2024, 7, 31))
    log = [Day(0, date(2024, month, 20), 10) for month in (3, 5, 7)]
    table = measures_of(sums_of(log, setting, np.zeros((1, 0), np.uint8))).periods
    found = rows(table, scheme="all", period="month")
    assert [row["reactivated"] for row in found] == [None, None, None, 0, 1]
    whole = MeasureSettings(observed_from=date(2024, 3, 1), as_of=date(2024, 7, 31))
    table = measures_of(sums_of(log, whole, np.zeros((1, 0), np.uint8))).periods
    found = rows(table, scheme="all", period="month")
    assert [row["reactivated"] for row in found] == [None, None, 1, 0, 1]


def test_years(found):
    first, second = rows(found.periods, scheme="all", period="year")
    assert (first["is_complete"], first["active"], first["purchases"]) == (True, 10, 17)
    assert first["purchase_frequency"] == 1.7
    assert first["average_purchase_value"] == 160 / 17
    assert (second["is_complete"], second["active"], second["retained"], second["new"]) == (False, 4, 3, 1)
    assert second["churn"] is second["lifespan"] is None


def test_cohorts(found):
    january = rows(found.cohorts, scheme="all", cohort=date(2024, 1, 1))
    assert [row["active"] for row in january] == [4, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0]
    assert [row["unbounded"] for row in january] == [4, 3, 2, 2, *[1] * 10, 0]
    assert [row["revenue"] for row in january[:4]] == [35.0, 20.0, 10.0, 20.0]  # the return before counts in age 0
    assert january[3]["cumulative_value_per_customer"] == 85 / 4
    assert [row["is_complete"] for row in january] == [True] * 14 + [False]
    assert january[13]["active_share"] == 0.25
    assert january[14]["active_share"] is None
    december = rows(found.cohorts, scheme="all", cohort=date(2024, 12, 1))
    assert [row["active"] for row in december] == [3, 0, 0, 0, *[None] * 11]
    assert {row["customers"] for row in december} == {3}


def test_gaps(found):
    (row,) = rows(found.groups, scheme="all")
    gaps = [31, 29, 31, 280, 31, 41, 90, 91, 366, 380, 19, 18]
    assert row["gaps"] == len(gaps)
    assert row["gap_p50"] == np.median(gaps) == 36.0
    assert row["mean_gap"] == pytest.approx(np.mean(gaps), rel=1e-12)
    table = rows(found.gaps, scheme="all")
    assert [row["days"] for row in table][:2] == [14, 18]  # customer 6 bought 14 days ago
    assert (table[0]["censored"], table[0]["at_risk"], table[0]["not_back"]) == (1, 23, 1.0)
    assert (table[1]["gaps"], table[1]["at_risk"], table[1]["not_back"]) == (1, 22, 1 - 1 / 22)


def test_stickiness_by_month(found):
    table = {row["value"]: row for row in rows(found.stickiness, scheme="all")}
    counted = {month: (row["new"], row["observed"], row["back"]) for month, row in table.items()}
    assert counted == {"2024-01": (4, 4, 3), "2024-02": (3, 3, 0), "2024-12": (3, 2, 1), "2025-01": (1, 0, 0)}
    assert table["2024-01"]["stickiness"] == 0.75
    assert table["2025-01"]["stickiness"] is table["2025-01"]["low"] is None


def test_a_result_is_written_and_reads_back(found, tmp_path):
    found.write(tmp_path)
    assert sorted(path.name for path in (tmp_path / "measures").iterdir()) == [
        "cohorts.parquet",
        "gaps.parquet",
        "groups.parquet",
        "periods.parquet",
        "stickiness.parquet",
    ]
    for name, table in found.tables.items():
        assert pl.read_parquet(tmp_path / "measures" / f"{name}.parquet").equals(table)
    headline = json.loads((tmp_path / "measures.json").read_text(encoding="utf-8"))
    assert headline == json.loads(json.dumps(found.headline()))
    assert headline["groups"][0]["repeat_rate"] == 8 / 11
    assert headline["last_complete"]["month"]["start"] == "2025-02-01"
    assert headline["last_complete"]["quarter"]["start"] == "2024-10-01"
    assert headline["last_complete"]["year"]["active"] == 10
