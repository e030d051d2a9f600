"""What records have in place of numbers that are not defined."""

import json
import math

import numpy as np

from whalecurve.engine.statistics import finite


def test_numbers_stay_and_what_is_none_is_null():
    assert [finite(number) for number in (0.0, -1.5, math.inf, -math.inf, math.nan)] == [0.0, -1.5, None, None, None]


def test_a_number_of_numpy_is_one_of_json():
    assert json.dumps(finite(np.float64(0.1))) == "0.1"
