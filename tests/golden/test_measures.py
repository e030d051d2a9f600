"""Measures over time of the dozen of `tests/golden/dozen.csv` as a run writes them, worked out by hand.

Observed from 1 January 2023, the first line, to 31 December 2024: two years in full. `test_measures_golden` has what a
window that begins or ends within a period leaves open.
"""

from datetime import date

import polars as pl
import pytest

from tests.golden import dozen


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    return dozen.scored(tmp_path_factory.mktemp("dozen"))


def rows(scored, table, **where):
    wanted = [pl.col(name).eq_missing(value) for name, value in where.items()]
    return list(scored[2][f"measures/{table}.parquet"].filter(*wanted).iter_rows(named=True))


@pytest.fixture(scope="module")
def everybody(scored):
    (row,) = rows(scored, "groups", scheme="all")
    return row


def test_who_came_back(everybody):
    row = everybody
    assert (row["customers"], row["buyers"], row["repeat_customers"]) == (12, 11, 9)  # not dot; eli, fay once
    assert row["repeat_rate"] == 9 / 11
    # since 2 January 2024: ada ben cas eli fay ivy jon kim lou; ada, ivy and kim twice or more, lou once in that time
    assert (row["year_buyers"], row["year_repeat_customers"], row["year_repeat_rate"]) == (9, 3, 3 / 9)
    # eli and fay came too lately to be told
    assert (row["aged"], row["one_and_done"], row["one_and_done_rate"]) == (9, 0, 0 / 9)
    # ada 31, gil 90, kim 31 and lou 1 days; hal 91, ben 181, ivy 184, jon 366, cas 651
    assert (row["new_observed"], row["new_back"], row["stickiness"]) == (9, 4, 4 / 9)
    # Wilson (1927) with z = 1.959964: (p + z²/2n -/+ z sqrt(p (1 - p) / n + z²/4n²)) / (1 + z²/n)
    assert (row["stickiness_low"], row["stickiness_high"]) == pytest.approx((0.188779, 0.733349), abs=1e-6)


def test_time_between_purchases(scored, everybody):
    # 14 gaps, and 11 customers of whom none has come since: after 11 20 30 50 72 121 152 305 364 549 551 days
    gaps = [1, 30, 30, 31, 31, 31, 71, 90, 91, 181, 184, 244, 366, 651]
    assert (everybody["gaps"], everybody["mean_gap"]) == (14, sum(gaps) / 14)
    assert everybody["gap_p50"] == (71 + 90) / 2
    assert everybody["gap_p10"] == pytest.approx(30.0, rel=1e-12)  # at 1.3 of 0 to 13: between 30 and 30
    assert everybody["gap_p25"] == 31  # at 3.25
    assert everybody["gap_p75"] == 181 + 0.75 * (184 - 181)  # at 9.75
    assert everybody["gap_p90"] == pytest.approx(244 + 0.7 * (366 - 244), rel=1e-12)  # at 11.7
    table = {row["days"]: row for row in rows(scored, "gaps", scheme="all")}
    assert sum(row["gaps"] for row in table.values()) == 14
    assert sum(row["censored"] for row in table.values()) == 11
    # Kaplan-Meier: 24/25 after 1; 11 and 20 leave the risk set of 24 at 22, 30 takes 2 of them, then one is censored
    assert [table[days]["at_risk"] for days in (1, 11, 20, 30, 31)] == [25, 24, 23, 22, 19]
    left = 24 / 25 * 20 / 22
    assert table[30]["not_back"] == pytest.approx(left, rel=1e-12)
    assert (table[30]["gaps"], table[30]["censored"]) == (2, 1)
    left *= 16 / 19  # 31 days, three times: .7349, the first below .75
    assert table[31]["not_back"] == pytest.approx(left, rel=1e-12)
    # 50 is censored (16 to 15), 71 14/15, 72 is censored (14 to 13), 90 12/13, 91 11/12; 121 and 152 are censored (11
    # to 9), 181 8/9, 184 7/8: .7349 x 14/15 = .6859, x 12/13 = .6332, x 11/12 = .5804, x 8/9 = .5159, x 7/8 = .4514
    assert (everybody["next_p25"], everybody["next_p50"]) == (31, 184)
    assert table[184]["not_back"] == pytest.approx(left * 14 / 15 * 12 / 13 * 11 / 12 * 8 / 9 * 7 / 8, rel=1e-12)
    # 244 6/7; 305 and 364 are censored (6 to 4), 366 3/4: .4514 x 6/7 = .3869, x 3/4 = .2902; 549 and 551 are
    # censored, and 651 is the last
    assert everybody["next_p75"] == 651
    assert (table[651]["at_risk"], table[651]["not_back"]) == (1, 0.0)


def test_returns(everybody):
    # sold: ada 500, ben 220, cas 160, fay 50, gil 120, hal 20, ivy 700, jon 140, kim 250, lou 60
    assert everybody["sold"] == 500 + 220 + 160 + 50 + 120 + 20 + 700 + 140 + 250 + 60
    assert everybody["returned"] == 30 + 50 + 25 + 70
    assert everybody["return_rate"] == 175 / 2220
    assert (everybody["sale_lines"], everybody["return_lines"], everybody["line_return_rate"]) == (28, 4, 4 / 28)


def test_the_simple_clv_beside_that_of_the_models(scored, everybody):
    # purchase days since 2 January 2024: ada 5, kim 3, ivy 2, and one each of ben cas eli fay jon lou
    assert everybody["purchases_a_year"] == 16 / 9
    # value: ada 200, ben 10, cas 10, dot -10, eli -5, fay 25, ivy -40, jon 30 - 30, kim 140, lou 15
    assert everybody["average_purchase_value"] == (200 + 10 + 10 - 10 - 5 + 25 - 40 + 0 + 140 + 15) / 16
    # from 2 January 2023 to 1 January 2024: ben cas gil hal jon lou; gil and hal have not come since
    assert everybody["annual_churn"] == pytest.approx(2 / 6, rel=1e-12)
    assert everybody["lifespan"] == pytest.approx(3.0, rel=1e-12)
    assert everybody["simple_clv"] == pytest.approx(345 / 16 * 16 / 9 * 3, rel=1e-12)
    clv = [row["clv"] for row in scored[1].values() if row["clv"] is not None]
    assert everybody["model_clv"] == pytest.approx(sum(clv) / 11, rel=1e-6)  # sums are of whole millionths


def test_a_segment_has_its_own_row(scored):
    (row,) = rows(scored, "groups", scheme="rfm", group="Hibernating")  # gil, hal, jon, lou
    assert (row["customers"], row["buyers"], row["repeat_rate"]) == (4, 4, 1.0)
    assert (row["new_back"], row["new_observed"]) == (2, 4)
    assert (row["gaps"], row["gap_p50"]) == (4, (90 + 91) / 2)  # 1, 90, 91, 366
    assert row["annual_churn"] == pytest.approx(2 / 4, rel=1e-12)
    assert row["sold"] == 120 + 20 + 140 + 60
    (nobody,) = rows(scored, "groups", scheme="lifecycle_stage", group=None)  # dot
    assert (nobody["customers"], nobody["buyers"], nobody["repeat_rate"]) == (1, 0, None)


def test_every_table_has_every_group_with_customers(scored):
    for table in ("groups", "periods", "cohorts", "gaps", "stickiness"):
        groups = {(row["scheme"], row["group"]) for row in rows(scored, table)}
        assert ("all", "all") in groups
        named = {(row["scheme"], row["segment"]) for row in scored[0].segments.to_dicts() if row["customers"]}
        without_a_day = {(scheme, None) for scheme, _ in named}  # dot, in no cohort and in no gap
        assert named - without_a_day <= groups, table


def months(scored):
    return {row["start"]: row for row in rows(scored, "periods", scheme="all", period="month")}


def test_months(scored):
    found = months(scored)
    assert len(found) == 24
    august = found[date(2024, 8, 1)]  # ada, jon, kim; in July kim
    assert (august["active"], august["new"], august["previous"], august["retained"]) == (3, 1, 1, 1)
    assert (august["reactivated"], august["retention"], august["churn"]) == (1, 1 / 1, 0.0)
    assert august["reactivation"] == 1 / 3
    assert (august["start"], august["end"], august["is_complete"]) == (date(2024, 8, 1), date(2024, 8, 31), True)
    september = found[date(2024, 9, 1)]  # ada, ivy; jon and kim stayed away
    assert (september["retained"], september["previous"], september["reactivated"]) == (1, 3, 1)
    assert (september["retention"], september["churn"]) == (1 / 3, pytest.approx(2 / 3, rel=1e-12))
    assert (september["purchases"], september["purchase_frequency"]) == (2, 2 / 2)
    assert (september["revenue"], september["margin"], september["value"]) == (100 + 200, 40 - 10, 30)
    assert september["average_purchase_value"] == 30 / 2
    assert september["lifespan"] is september["simple_clv"] is None


def test_the_lost_of_those_at_the_start(scored):
    # since 2 July 2023: jon, ben, ivy, lou. Jon's purchase of 1 August 2023 is 365 days old on 31 July
    july = months(scored)[date(2024, 7, 1)]
    assert (july["at_start"], july["lost"], july["lost_share"]) == (4, 1, 1 / 4)
    (second,) = (row for row in rows(scored, "periods", scheme="all", period="year") if row["start"].year == 2024)
    assert (second["at_start"], second["lost"], second["lost_share"]) == (5, 2, 2 / 5)


def test_quarters(scored):
    found = {row["start"]: row for row in rows(scored, "periods", scheme="all", period="quarter")}
    last = found[date(2024, 10, 1)]  # ada cas eli fay kim; in the third ada ivy jon kim
    assert (last["active"], last["previous"], last["retained"], last["new"], last["reactivated"]) == (5, 4, 2, 2, 1)
    assert (last["retention"], last["reactivation"]) == (2 / 4, 1 / 5)


def test_years(scored):
    first, second = rows(scored, "periods", scheme="all", period="year")
    assert (first["active"], first["new"], first["purchases"]) == (5, 5, 2 + 1 + 2 + 2 + 1)  # ben cas gil hal jon
    assert (second["active"], second["new"], second["purchases"]) == (9, 6, 17)
    assert (second["previous"], second["retained"], second["retention"]) == (5, 3, 3 / 5)  # ben cas jon
    assert second["lifespan"] == pytest.approx(1 / (2 / 5), rel=1e-12)
    assert second["purchase_frequency"] == 17 / 9
    assert second["value"] == 345 + 25  # and lou's of 1 January
    assert second["average_purchase_value"] == 370 / 17
    assert second["simple_clv"] == pytest.approx(370 / 17 * 17 / 9 * 2.5, rel=1e-12)


def test_cohorts(scored):
    march = rows(scored, "cohorts", scheme="all", cohort=date(2023, 3, 1))  # cas and gil
    assert [row["age"] for row in march] == list(range(24))
    assert {row["customers"] for row in march} == {2}
    assert [row["active"] for row in march[:22]] == [2, 0, 0, 1, *[0] * 17, 1]  # gil in June, cas in December 2024
    assert [row["unbounded"] for row in march[:22]] == [2, 2, 2, 2, *[1] * 18]
    assert [row["is_complete"] for row in march] == [True] * 22 + [None] * 2
    assert march[22]["active"] is march[22]["unbounded"] is march[22]["revenue"] is None
    assert (march[3]["active_share"], march[4]["unbounded_share"]) == (1 / 2, 1 / 2)
    # what cas sent back in February is worth nothing by March
    assert (march[0]["revenue"], march[0]["margin"]) == (50 - 50 + 40 + 60, 20 - 20 + 30 + 20)
    assert (march[3]["cumulative_revenue"], march[3]["cumulative_margin"]) == (100 + 60, 50 + 30)
    assert march[3]["cumulative_value_per_customer"] == 80 / 2
    assert march[21]["cumulative_value_per_customer"] == 90 / 2


def test_stickiness_by_month(scored):
    found = {row["value"]: row for row in rows(scored, "stickiness", scheme="all", by="first_month")}
    counts = {month: (row["new"], row["observed"], row["back"]) for month, row in found.items()}
    assert counts["2023-03"] == (2, 2, 1)  # gil within 90 days, cas not
    assert counts["2023-04"] == (1, 1, 0)  # hal after 91
    assert counts["2024-11"] == (1, 0, 0)  # fay 50 days ago
    assert (found["2023-03"]["stickiness"], found["2024-11"]["stickiness"]) == (1 / 2, None)
    # Wilson, with p = 1/2 and n = 2: 1/2 -/+ z sqrt(1/8 + z²/16) / (1 + z²/2)
    z = 1.959963984540054
    half = z * (1 / 8 + z * z / 16) ** 0.5 / (1 + z * z / 2)
    assert found["2023-03"]["low"] == pytest.approx(1 / 2 - half, rel=1e-9)
    assert found["2023-03"]["high"] == pytest.approx(1 / 2 + half, rel=1e-9)


def test_the_headline_is_what_the_tables_say(scored, everybody):
    said = scored[0].measures
    assert (said["observed_from"], said["as_of"], said["value_is"]) == ("2023-01-01", "2024-12-31", "margin")
    assert said["groups"][0] == everybody
    assert said["last_complete"]["year"]["retention"] == 3 / 5
