"""Thresholds of the remarks on segments: what a scheme may say, and what is refused."""

import pytest

from tests.engine.schemes.test_scheme import TWO_BINS
from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes import QualityRules, load_scheme


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "own.toml"
        path.write_text(TWO_BINS + text, encoding="utf-8")
        return load_scheme(path)

    return read_text


def test_what_is_left_out_is_as_usual(read):
    assert read("").quality == load_scheme("standard").quality == QualityRules()
    assert read("[quality]\nmin_customers = 12\n").quality == QualityRules(min_customers=12.0)


def test_thresholds_decide_nothing_about_a_customer(read):
    assert read("[quality]\nmax_share = 0.3\n").rules == read("").rules


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("most = 3", 'quality: unknown key "most"; there are min_customers'),
        ("max_share = 1.5", "quality: max_share is 1.5, expected 0 to 1"),
        ("mixed_from = -1", "quality: mixed_from is -1, expected 0 or more"),
        ("min_customers = true", "quality: min_customers is True, expected a number"),
    ],
)
def test_other_keys_and_numbers_are_refused(read, text, told):
    with pytest.raises(InputError, match=told):
        read(f"[quality]\n{text}\n")
