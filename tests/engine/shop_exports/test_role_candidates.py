from datetime import date

import polars as pl
import pytest

from whalecurve.engine.shop_exports.role_candidates import Candidate, candidates, works

SHOP = pl.DataFrame(
    {
        "Invoice": ["1", "2"],
        "Quantity": [2, 3],
        "Price": [1.5, 2.5],
        "when": ["2024-01-31", "2024-02-01"],
        "who": ["a@b.com", "c@d.org"],
    }
)


def first(role, sample, **given):
    found = candidates(role, sample, **given)
    return found[0].mapping if found else None


def test_roles_are_found_by_name_else_by_content():
    assert first("order", SHOP) == "Invoice"
    assert first("time", SHOP) == "TRY_STRPTIME(when, '%Y-%m-%d')"
    assert first("customer", SHOP) == "who"
    assert first("amount", SHOP) == "Quantity * Price"


def test_an_amount_of_the_line_goes_before_price_by_quantity():
    assert first("amount", SHOP.with_columns(line_total=pl.lit(3.0))) == "line_total"
    assert first("amount", SHOP.drop("Quantity")) == "Price"


def test_hundredths_are_divided_where_nothing_else_is_an_amount():
    rows = pl.DataFrame({"price_cents": [150, 250]})
    assert first("amount", rows) == "price_cents / 100.0"
    assert first("amount", rows.with_columns(total=pl.lit(1.5))) == "total"


def test_a_column_that_is_taken_or_has_no_value_is_no_candidate():
    assert first("customer", SHOP, taken={"who"}) is None
    assert first("customer", SHOP.with_columns(customer_id=pl.lit(None, dtype=pl.Int64))) == "who"


def test_a_name_alone_is_no_candidate_where_the_values_cannot_serve():
    rows = pl.DataFrame(
        {"order_date": ["soon", "later"], "amount": ["much", "little"], "booked": [date(2024, 1, 1)] * 2}
    )
    assert first("time", rows) == "booked"
    assert first("amount", rows) is None


def test_addresses_that_differ_in_case_and_spaces_are_ids_without_them():
    rows = pl.DataFrame({"email": ["A@b.com ", "a@b.com", None]})
    assert first("customer", rows) == "LOWER(TRIM(email))"
    assert first("customer", pl.DataFrame({"email": ["a@b.com", "c@d.com"]})) == "email"


def test_ids_kept_as_decimals_are_read_as_whole_numbers():
    rows = pl.DataFrame({"CustomerID": [17850.0, None]})
    assert first("customer", rows) == "TRY_CAST(CustomerID AS BIGINT)"
    assert first("customer", pl.DataFrame({"CustomerID": [0.5]})) is None


@pytest.mark.parametrize("role", ["amount", "time", "customer", "order", "margin", "return_flag"])
def test_every_candidate_works_on_the_sample(role):
    sample = SHOP.with_columns(is_return=pl.lit(value=True), profit=pl.lit("3,50 €"))
    for candidate in candidates(role, sample):
        assert works(role, candidate, sample)


def test_what_loses_more_than_two_per_cent_of_filled_cells_does_not_work():
    few = Candidate(mapping="TRY_CAST(x AS DOUBLE)", columns=("x",), why="")
    assert works("amount", few, pl.DataFrame({"x": ["1"] * 98 + ["?"] * 2 + [None] * 50}))
    assert not works("amount", few, pl.DataFrame({"x": ["1"] * 97 + ["?"] * 3}))
    assert not works("amount", few, pl.DataFrame({"x": [None, ""]}, schema={"x": pl.String}))
    assert not works("amount", Candidate(mapping="x * y", columns=("x",), why=""), pl.DataFrame({"x": [1]}))
