"""The order of precedence of actions: what a scheme may say, and what is refused."""

import pytest

from tests.engine.schemes.test_scheme import TWO_BINS
from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes import load_scheme


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "own.toml"
        path.write_text(TWO_BINS + text, encoding="utf-8")
        return load_scheme(path)

    return read_text


def steps_of(scheme):
    return [(division, [part.name for part in parts]) for division, parts in scheme.steps]


def test_the_usual_order_is_high_value_at_high_risk_then_new_customers_then_the_segment(read):
    expected = [("matrix", ["Retain"]), ("lifecycle", ["new"]), ("segment", ["Lately", "Often, not lately", "Rest"])]
    assert steps_of(read("")) == expected
    assert load_scheme("standard").precedence == load_scheme("soulmates").precedence == read("").precedence


def test_a_scheme_sets_its_own_order_by_keys_and_names(read):
    own = read(
        '[next_best_action]\nprecedence = ["segment.Often, not lately", "loyalty.gold", "clv_tier.low", "matrix"]'
    )
    assert steps_of(own) == [
        ("segment", ["Often, not lately"]),
        ("loyalty", ["gold"]),
        ("clv_tier", ["low"]),
        ("matrix", ["Retain", "Divest", "Grow", "Maintain"]),
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("next_best_action = 1", "next_best_action is not a table; write [next_best_action]"),
        ("[next_best_action]", "next_best_action: no precedence; add it"),
        ("[next_best_action]\norder = []", 'unknown key "order"'),
        ("[next_best_action]\nprecedence = []", 'precedence is [], expected a list such as ["matrix.retain",'),
        ('[next_best_action]\nprecedence = "segment"', "precedence is 'segment', expected a list"),
        ("[next_best_action]\nprecedence = [1]", "precedence is [1], expected a list"),
        (
            '[next_best_action]\nprecedence = ["rfm"]',
            'no "rfm"; there are segment, matrix, clv_tier',
        ),
        (
            '[next_best_action]\nprecedence = ["matrix.Retain", "segment"]',
            'no "matrix.Retain"; there are matrix.retain, matrix.divest, matrix.grow, matrix.maintain',
        ),
        (
            '[next_best_action]\nprecedence = ["matrix", "matrix.grow", "segment"]',
            '"matrix.grow" comes after "matrix", which takes all of its customers; remove it',
        ),
        ('[next_best_action]\nprecedence = ["segment", "segment"]', '"segment" comes after "segment"'),
        (
            '[next_best_action]\nprecedence = ["segment.Rest"]',
            'the last step is "segment.Rest", which leaves customers without an action; end with a whole division',
        ),
    ],
)
def test_an_order_that_cannot_be_followed_is_refused(tmp_path, table, message):
    path = tmp_path / "own.toml"
    text = f"{table}\n{TWO_BINS}" if table == "next_best_action = 1" else TWO_BINS + table
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        load_scheme(path)
    assert str(refusal.value).startswith(str(path))
    assert "\n" not in str(refusal.value)
    assert message in str(refusal.value)
