import pytest

from whalecurve.engine.shop_exports.aliases import ALIASES, PLAIN, called, plain


@pytest.mark.parametrize("name", ["CustomerID", "Customer ID", "customer_id", "customer-id", "CUSTOMER.ID"])
def test_case_and_signs_make_no_difference(name):
    assert called("customer", ["x", name]) == [name]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("amount", ["total_price", "revenue", "Sales"]),
        ("time", ["order_date", "created_at", "InvoiceDate"]),
        ("customer", ["email", "user_id", "billing_email"]),
        ("order", ["InvoiceNo", "transaction_id"]),
        ("product", ["sku", "StockCode"]),
    ],
)
def test_usual_names_play_their_role(role, names):
    assert sorted(called(role, [*names, "unrelated"])) == sorted(names)


def test_the_likeliest_comes_first_an_ending_later_and_a_misspelling_last():
    assert called("customer", ["custmer_id", "email", "shop_customer_id", "customer_id"]) == [
        "customer_id",
        "email",
        "shop_customer_id",
        "custmer_id",
    ]


def test_a_name_that_is_usual_for_one_role_is_no_ending_or_misspelling_of_another():
    assert called("amount", ["unit_price", "quantity", "cost"]) == []


def test_no_alias_is_given_twice_and_none_serves_two_roles_of_the_mapping():
    for role, names in PLAIN.items():
        assert len(set(names)) == len(names), role
    roles = [name for role in ("customer", "time", "amount", "margin", "cost", "return_flag") for name in PLAIN[role]]
    assert len(set(roles)) == len(roles)
    assert all(plain(alias) for aliases in ALIASES.values() for alias in aliases)
