from datetime import date

import numpy as np

from whalecurve.engine.simulation.drawn import Acquired
from whalecurve.kernels.simulation import CUSTOMER


def test_customers_are_told_in_words_as_they_were_drawn():
    acquired = Acquired()
    for numbers in ([0], [], [1, 2]):
        records = np.zeros(len(numbers), CUSTOMER)
        records["number"], records["rate"], records["dropout"] = numbers, 0.25, 0.125
        records["spend_rate"], records["city"], records["campaign"] = 0.5, 4, 2
        records["death"] = [40.5, np.inf][: len(numbers)]
        acquired.add(records)
        records["rate"] = 99.0  # what happens later is no part of it
    table = acquired.table(ids="string", start=date(2024, 1, 30), p=4.0)
    assert table["customer_id"].to_list() == ["C0000000001", "C0000000002", "C0000000003"]
    assert table["first_day"].to_list() == [date(2024, 1, 30), date(2024, 2, 1), date(2024, 2, 1)]
    assert table["active_until"].to_list() == [date(2024, 3, 10), date(2024, 3, 10), None]
    assert table.select("purchase_rate", "dropout", "mean_order").row(0) == (0.25, 0.125, 8.0)
    assert table.select("city", "campaign").unique().rows() == [("Cologne", "social")]


def test_ids_may_be_numbers():
    acquired = Acquired()
    records = np.zeros(1, CUSTOMER)
    records["spend_rate"] = 1.0
    acquired.add(records)
    assert acquired.table(ids="integer", start=date(2024, 1, 1), p=1.0)["customer_id"].to_list() == [1]
