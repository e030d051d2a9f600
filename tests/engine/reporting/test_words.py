"""Numbers as they are read."""

import pytest

from whalecurve.engine.reporting import words


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "–"),
        (0.0, "0.00"),
        (-0.001, "0.00"),
        (999.99, "999.99"),
        (1000.4, "1,000"),
        (-16_343_651.038, "-16,343,651"),
    ],
)
def test_amounts_are_whole_from_a_thousand_on(amount, shown):
    assert words.money(amount) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0"), (0.02, "0"), (0.25, "0.2"), (12.34, "12.3"), (999.4, "999"), (999.96, "1k"), (12_345, "12.3k"),
     (999_960, "1M"), (-2_600_000, "-2.6M"), (1e13, "10T")],
)  # fmt: skip
def test_amounts_are_short_on_axes(amount, shown):
    assert words.short_money(amount) == shown


def test_counts_have_their_noun_in_the_plural():
    assert [words.customers(n) for n in (0, 1, 1234)] == ["0 customers", "1 customer", "1,234 customers"]
    assert (words.count(None), words.customers(None), words.days(1), words.days(None)) == ("–", "–", "1 day", "–")


def test_shares_that_were_chosen_have_no_more_decimals_than_they_had():
    assert [words.plainly(share) for share in (0.1, 1 - 0.8, 0.025)] == ["10%", "20%", "2.5%"]


def test_text_that_does_not_fit_ends_in_an_ellipsis():
    assert words.cut("Hibernating", 60.0, 10.0) == "Hibernat…"
    assert words.cut("Hibernating", 77.0, 10.0) == "Hibernating"
    assert words.cut("Hibernating", 20.0, 10.0) == ""


def test_names_are_listed_as_in_a_sentence():
    assert [words.listed(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_wide_letters_take_more_room():
    widths = [words.extent(text, 10.0) for text in ("iiii", "nnnn", "NNNN", "WWWW", "🐋🐋🐋🐋")]
    assert widths == sorted(widths)
    assert words.extent("n\u0301", 10.0) == words.extent("n", 10.0)  # an accent over the letter before
