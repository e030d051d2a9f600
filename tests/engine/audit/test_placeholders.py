import itertools

import polars as pl
import pytest

from whalecurve.engine.audit.placeholders import CustomerLines


def notes(lines, dtype=None, batches=1):
    """What is said of customers with so many lines each, who pass in batches."""
    table = pl.DataFrame(
        {"id": pl.Series(list(lines), dtype=dtype), "n": pl.Series(list(lines.values()), dtype=pl.UInt32)}
    )
    found = CustomerLines()
    for i in range(batches):
        part = table[i::batches]
        found.add(part["id"], part["n"])
    return found.notes()


def crowd(n, of=str):
    """So many ordinary customers of ten lines each."""
    return {of(1000 + i): 10 for i in range(n)}


WORDS = [
    "NULL",
    "null",
    "nan",
    "NaN",
    "None",
    "guest",
    "GuEsT",
    "unknown",
    "n/a",
    "N/A",
    "anonymous",
    "-1",
    "\\N",
]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("of", [str, lambda one: str(one).encode()])
def test_an_id_that_reads_like_a_placeholder_is_named_with_its_lines_and_what_to_do(word, of):
    found = notes(crowd(9, of) | {of(word): 10})
    escaped = word.replace("\\", "\\\\")
    assert found == [
        f'customer ids that look like placeholders: "{word}" with 10 lines (10.0%); if they stand for nobody, give '
        f'nobody=["{escaped}"]'
    ]


@pytest.mark.parametrize("word", ["nulla", "guest-17", "1", "00", "nancy", "Mr None", "", "ungesund", "gast", "\x7f"])
def test_other_ids_do_not(word):
    assert notes(crowd(9) | {word: 10}) == []


def test_several_are_in_one_line_the_first_five_by_lines_and_all_of_them_in_the_option():
    lines = {"NULL": 3, "guest": 9, "nan": 3, "none": 2, "na": 1, "nil": 1, "a": 81}
    (found,) = notes(lines, batches=3)
    assert found == (
        'customer ids that look like placeholders: "guest" with 9 lines (9.0%), "NULL" with 3 lines (3.0%), "nan" with '
        '3 lines (3.0%), "none" with 2 lines (2.0%), "na" with 1 line (1.0%) and 1 more; if they stand for nobody, '
        'give nobody=["guest", "NULL", "nan", "none", "na", "nil"]'
    )


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int64, pl.Int128])
def test_minus_one_is_a_placeholder_among_integers(dtype):
    assert notes({1: 5, 2: 4, -1: 1}, dtype) == [
        'customer ids that look like placeholders: -1 with 1 line (10.0%); if they stand for nobody, give nobody=["-1"]'
    ]


@pytest.mark.parametrize(("of", "dtype"), [(int, pl.Int64), (int, pl.UInt8), (str, pl.String)])
def test_zero_is_one_where_it_has_more_than_three_times_the_lines_of_the_average_other_customer(of, dtype):
    others = {of(one): 10 for one in range(1, 11)}
    assert notes(others | {of(0): 30}, dtype) == []
    (found,) = notes(others | {of(0): 31}, dtype)
    assert found.startswith("customer ids that look like placeholders: ")
    assert "with 31 lines (23.7%)" in found


@pytest.mark.parametrize("batches", [1, 7])
def test_one_customer_with_more_than_one_line_in_twenty_is_remarked(batches):
    lines = crowd(950, int) | {7: 500}
    assert notes(lines, batches=batches) == []
    assert notes(lines | {7: 501}, batches=batches) == [
        "customer 7 alone has 501 lines (5.0%); if the id stands for nobody in particular, as a guest or a till, give "
        'nobody=["7"]'
    ]


def test_in_a_small_log_or_of_few_customers_nobody_is_remarked_for_the_number_of_lines():
    assert notes(crowd(98) | {"big": 10_000}) == []
    assert notes({str(i): 1 for i in range(1, 500)} | {"big": 499}) == []
    assert notes({str(i): 1 for i in range(1, 500)} | {"big": 502}) != []


def test_a_placeholder_with_many_lines_is_remarked_once():
    (found,) = notes(crowd(1000) | {"guest": 5000})
    assert found.startswith('customer ids that look like placeholders: "guest" with 5,000 lines (33.3%)')


def test_of_customers_with_equally_many_lines_the_first_by_id_is_named_in_whatever_batches_they_come():
    lines = {str(i): 1 for i in range(1, 1000)} | {"b": 500, "a": 500}
    assert len({tuple(notes(dict(order), batches=n)) for n, order in itertools.product((1, 5), _orders(lines))}) == 1


def _orders(lines):
    return list(lines.items()), list(lines.items())[::-1]


def test_without_customers_there_is_nothing_to_say():
    assert notes({}) == CustomerLines().notes() == []
