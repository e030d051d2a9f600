"""Commas that separate, against an independent reading letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.sql_commas import separating_commas


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("a,b", 0, [1]),
        ("", 0, []),
        ("f(a, b), c", 0, [7]),
        ("'a,b', \"c,d\", e", 0, [5, 12]),
        ("f(a, g(b, c), 'x,y'), d", 2, [3, 12]),
        ("'it''s, so', b", 0, [11]),
        ("a), b, c", 0, [2, 5]),  # a parenthesis too many: what is wrong is said when the text is parsed
        ("'open, b", 0, []),
    ],
)
def test_commas_in_quotes_and_parentheses_belong_to_a_part(text, start, expected):
    assert separating_commas(text, start) == expected


PARTS = st.recursive(
    st.sampled_from(["a", "b c", "'x,y'", '"p,q"', "'(,'", "1.5"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"f({', '.join(parts)})"),
    max_leaves=8,
)


@given(st.lists(PARTS, min_size=1, max_size=5))
def test_a_list_that_was_joined_is_taken_apart_again(parts):
    text = ",".join(parts)
    ends = [*separating_commas(text), len(text)]
    assert [text[start:end] for start, end in zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True)] == parts
    call = f"g({text})"
    assert [at - 2 for at in separating_commas(call, 2)] == ends[:-1]
