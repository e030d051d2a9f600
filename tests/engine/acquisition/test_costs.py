"""Files of costs: columns found by their names, days and months read, rows that cannot be used counted."""

from datetime import date, datetime

import polars as pl
import pytest

from whalecurve.engine import InputError
from whalecurve.engine.acquisition.costs import read_costs
from whalecurve.engine.acquisition.settings import Acquiring


def costs(**columns):
    usual = {"campaign": ["a", "b"], "day": [date(2025, 1, 2), date(2025, 2, 3)], "spend": [10.1, 20.2]}
    return pl.DataFrame({name: values for name, values in (usual | columns).items() if values is not None})


def read(frame, timezone=None, **settings):
    return read_costs(frame, Acquiring(**settings), timezone)


def test_usual_names_are_found_and_money_is_whole():
    found = read(costs())
    assert found.by == "campaign"
    assert found.table.rows() == [("a", date(2025, 1, 2), 10_100_000), ("b", date(2025, 2, 3), 20_200_000)]
    assert (found.n_rows, found.refused, found.is_monthly) == (2, {}, False)


def test_columns_may_be_named():
    frame = costs().rename({"campaign": "Ad set", "day": "When", "spend": "Amount spent"})
    found = read(frame, by="campaign", cost_by="Ad set", cost_time="When", cost_spend="Amount spent")
    assert found.by == "campaign"
    assert found.table["value"].to_list() == ["a", "b"]


def test_a_dimension_that_is_no_column_of_the_costs_goes_with_their_usual_one():
    assert read(costs(), by="UPPER(campaign)").by == "UPPER(campaign)"


def test_months_are_text_and_begin_with_their_first_day():
    found = read(costs(day=["2025-01", " 2025-02 "]))
    assert found.table["day"].to_list() == [date(2025, 1, 1), date(2025, 2, 1)]
    assert found.is_monthly


def test_days_may_be_text_or_times_in_the_zone_of_the_result():
    assert read(costs(day=["2025-01-31", "2025-02-01T10:00:00"])).table["day"].to_list()[1] == date(2025, 2, 1)
    late = pl.Series([datetime(2025, 1, 31, 23, 30)] * 2).dt.replace_time_zone("UTC")
    assert read(costs(day=late)).table["day"][0] == date(2025, 1, 31)
    assert read(costs(day=late), timezone="Europe/Vienna").table["day"][0] == date(2025, 2, 1)


def test_a_text_file_keeps_names_as_they_are_written(tmp_path):
    (tmp_path / "costs.csv").write_text("channel,month,cost\n007,2025-01,12.5\n7,2025-01,3\n")
    found = read(tmp_path / "costs.csv")
    assert found.by == "channel"
    assert found.table.rows() == [("007", date(2025, 1, 1), 12_500_000), ("7", date(2025, 1, 1), 3_000_000)]


def test_rows_that_cannot_be_used_are_counted_by_reason():
    found = read(costs(campaign=["a"] * 4, day=["2025-01", "soon", None, "2025-01"], spend=[1.0, 1.0, 1.0, None]))
    assert found.table.height == 1
    assert found.refused == {"without a readable day or month": 2, "without a usable amount": 1}


@pytest.mark.parametrize(
    ("frame", "settings", "message"),
    [
        (costs(campaign=None), {}, "no column campaign or channel; there are day, spend; name one with `cost_by`"),
        (costs(spend=None), {}, "no column spend or cost or costs or amount"),
        (costs(), {"cost_spend": "euros"}, 'no column "euros" for `cost_spend`'),
        (costs(spend=["1", "2"]), {}, '`cost_spend` "spend" is String, expected a number; write money as numbers'),
        (costs(day=[202501, 202502]), {}, '`cost_time` "day" is Int64, expected a date, or text; write days as dates'),
        (costs(day=["x", "y"]), {}, "no usable row of 2: 2 without a readable day or month; check `cost_time` and"),
        (costs(), {"cost_by": ""}, "`cost_by` is empty"),
        (costs(), {"min_months": 2}, "min_months=2 is too few for a line"),
        (costs(), {"level": 0.0}, "level=0.0 is out of range"),
    ],
)
def test_costs_that_will_not_do_are_refused(frame, settings, message):
    with pytest.raises(InputError) as error:
        read(frame, **settings)
    assert message in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"nope\.csv: no such file"):
        read(tmp_path / "nope.csv")
