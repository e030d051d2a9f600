import polars as pl
import pytest

from whalecurve.engine.errors import Message
from whalecurve.engine.proposal.doubts import doubts_about, written_once
from whalecurve.engine.shop_exports import Candidate

ORDER = Candidate(mapping="order", columns=("order",), why='called "order"')
AMOUNT = Candidate(mapping="amount", columns=("amount",), why='called "amount"')


def doubts(sample, **roles):
    return [str(Message(doubt)) for doubt in doubts_about(roles, sample)]


def orders(amounts, n=6):
    """Orders of as many lines as there are amounts, the same amounts in each."""
    return pl.DataFrame({"order": [i for i in range(n) for _ in amounts], "amount": amounts * n})


def test_an_amount_that_is_one_on_all_lines_of_most_orders_may_be_the_total_of_the_order():
    (told,) = doubts(orders([5.0, 5.0]), order=[ORDER], amount=[AMOUNT])
    assert told.startswith('"amount" is the same on all lines of 6 of 6 orders of several lines: if it is the total')
    assert doubts(orders([5.0, 6.0]), order=[ORDER], amount=[AMOUNT]) == []
    assert doubts(orders([5.0]), order=[ORDER], amount=[AMOUNT]) == []
    assert doubts(orders([5.0, 5.0], n=4), order=[ORDER], amount=[AMOUNT]) == []  # too few to tell


@pytest.mark.parametrize("states", [["paid", "wc-cancelled"], ["Paid", "VOIDED"], ["ok", "Test"]])
def test_states_of_orders_that_are_none_come_with_the_condition_that_leaves_them_out(states):
    (told,) = doubts(pl.DataFrame({"order_status": states}))
    assert told.endswith(f"""with keep="COALESCE(order_status, '') NOT IN ('{states[1]}')\"""")


def test_states_that_are_all_of_sales_leave_no_doubt():
    assert doubts(pl.DataFrame({"status": ["paid", "shipped"], "note": ["cancelled", "x"]})) == []


def test_another_column_of_a_name_for_the_role_is_told_but_not_a_part_of_what_was_chosen():
    product = Candidate(mapping="quantity * price", columns=("quantity", "price"), why="quantity by price")
    price = Candidate(mapping="price", columns=("price",), why='called "price"')
    assert doubts(pl.DataFrame(), amount=[product, price]) == []
    assert doubts(pl.DataFrame(), amount=[AMOUNT, price]) == ["`amount` may as well be price"]


def test_a_column_is_written_once_if_most_orders_of_several_lines_have_one_line_with_it():
    sample = pl.DataFrame({"order": [i // 3 for i in range(18)], "email": ["a", None, " "] * 6, "day": [1] * 18})
    assert written_once(("email", "day"), ORDER, sample) == ["email"]
    assert written_once(("email",), Candidate(mapping="UPPER(order)", columns=("order",), why=""), sample) == []
    assert written_once(("email",), ORDER, sample.head(9)) == []  # too few to tell


def test_what_was_given_back_and_plays_no_role_comes_with_the_option_that_takes_it_off():
    lines = pl.DataFrame({"Refunded Amount": [0.0, 2.0], "refund_id": [7, 8]})
    assert doubts(lines) == [
        '"Refunded Amount" was given back, and is in no role; take it off with refund=\'"Refunded Amount"\''
    ]
    assert doubts(lines.with_columns(pl.lit(0.0).alias("Refunded Amount"))) == []
    net = Candidate(mapping='paid - "Refunded Amount"', columns=("paid", "Refunded Amount"), why="as given")
    assert doubts(lines, amount=[net]) == []
