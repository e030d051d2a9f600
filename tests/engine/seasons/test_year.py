from datetime import date, timedelta

import numpy as np

from whalecurve.engine.seasons.year import PARTS, days_of_parts, parts_of


def week_of(day):
    """The week of the year by counting days from 1 January, 29 February being with the day before."""
    place = (day - date(day.year, 1, 1)).days
    leap = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days == 366
    return min((place - (leap and place > 58)) // 7, 51)


def test_weeks_are_counted_from_the_first_of_january_in_any_year():
    days = [date(1899, 12, 20) + timedelta(days=i) for i in range(0, 260 * 366, 3)]
    numbers = np.array([(day - date(1970, 1, 1)).days for day in days])
    assert parts_of(numbers).tolist() == [week_of(day) for day in days]


def test_the_weeks_make_a_common_year():
    assert days_of_parts().sum() == 365
    assert days_of_parts().tolist() == [7.0] * (PARTS - 1) + [8.0]
