"""Who of an audience gets a row: worked out by hand, and held against a plain loop."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.audiences.choice import one_a_contact
from whalecurve.engine.targets import target_called

SCHEMA = {
    "customer_id": pl.Int64,
    "value": pl.Float64,
    "email": pl.String,
    "phone": pl.String,
    "email_fault": pl.String,
    "phone_fault": pl.String,
    "is_given": pl.Boolean,
    "is_agreed": pl.Boolean,
    "is_unclear": pl.Boolean,
}


def people(*rows):
    return pl.DataFrame(
        [(i, v, e, p, None, None, e is not None or p is not None, True, False) for i, v, e, p in rows],
        schema=SCHEMA,
        orient="row",
    )


def test_of_customers_with_one_address_the_best_is_kept_and_of_equal_ones_the_least_id():
    found = one_a_contact(
        people(
            (1, 5.0, "a", None), (2, 9.0, "a", None), (3, 7.0, "b", None), (4, 7.0, "b", None), (5, None, "c", None)
        ),
        target_called("csv"),
    )
    assert found.rows["customer_id"].to_list() == [2, 3, 5]
    assert found.left_out["duplicate"] == 2


def test_a_number_stays_with_the_best_and_a_row_without_any_contact_goes():
    found = one_a_contact(
        people((1, 5.0, "a", "+1"), (2, 9.0, "b", "+1"), (3, 1.0, None, "+1"), (4, 0.0, None, "+2")),
        target_called("klaviyo"),
    )
    assert found.rows.rows() == [(1, "a", None), (2, "b", "+1"), (4, None, "+2")]
    assert (found.left_out["duplicate"], found.n_taken) == (1, 1)


def test_a_tool_that_goes_by_addresses_takes_nobody_without():
    found = one_a_contact(people((1, 5.0, None, "+1"), (2, 9.0, "b", None)), target_called("mailchimp"))
    assert found.rows["customer_id"].to_list() == [2]
    assert found.left_out["not usable"] == 1


def test_the_first_reason_counts():
    own = pl.DataFrame(
        [
            (1, 1.0, None, None, None, None, False, False, False),
            (2, 1.0, "a", None, None, None, True, False, True),
            (3, 1.0, None, None, "no e-mail address", "no number", True, False, False),
            (4, 1.0, None, None, "no e-mail address", None, True, True, False),
            (5, 1.0, "e", None, None, "no country code", True, True, False),
        ],
        schema=SCHEMA,
        orient="row",
    )
    found = one_a_contact(own, target_called("csv"))
    assert found.left_out == {"no contact": 1, "no consent": 2, "not usable": 1, "duplicate": 0, "unchanged": 0}
    assert found.unusable == {"no e-mail address": 2, "no country code": 1, "no number": 1}
    assert found.n_unclear == 1


def plainly(rows):
    """One customer after the other, the best first."""
    ranked = sorted(rows, key=lambda row: (row[1] is None, -(row[1] or 0.0), row[0]))
    emails, phones, kept = set(), set(), []
    for i, _, email, phone in ranked:
        if email is not None and email in emails:
            continue
        emails |= {email} - {None}
        kept.append((i, email, phone))
    found = []
    for i, email, phone in kept:
        own = None if phone in phones else phone
        phones |= {phone} - {None}
        if email is not None or own is not None:
            found.append((i, email, own))
    return sorted(found)


CONTACTS = st.tuples(
    st.sampled_from([None, 0.0, 1.0, 2.0]), st.sampled_from([None, "a", "b", "c"]), st.sampled_from([None, "+1", "+2"])
)


@given(st.lists(CONTACTS, max_size=9))
def test_each_contact_is_in_one_row_whatever_the_customers(contacts):
    rows = [(i, *contact) for i, contact in enumerate(contacts)]
    found = one_a_contact(people(*rows), target_called("klaviyo"))
    assert found.rows.rows() == plainly(rows)
    for kind in ("email", "phone"):
        written = found.rows[kind].drop_nulls()
        assert written.n_unique() == written.len()
    assert found.rows.height + sum(found.left_out.values()) == len(rows)
    assert set(found.rows["email"].drop_nulls()) == {row[2] for row in rows} - {None}
