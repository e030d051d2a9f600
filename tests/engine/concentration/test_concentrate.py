from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.engine.concentration.curves import concentration
from whalecurve.engine.concentration.members import customer_members, dimension_members, with_guests
from whalecurve.engine.concentration.output import _file_names
from whalecurve.engine.runtime.memory import memory_budget

rows = st.lists(
    st.tuples(
        st.sampled_from([None, "", "ann", "ben", "cat"]),
        st.sampled_from([None, "x", "y", "z"]),
        st.integers(-500, 2000),
        st.integers(1, 28),
    ),
    min_size=1,
    max_size=30,
)


def members_by(path, dimension, n_passes=1, value="revenue", window=None, **columns):
    orders = with_guests(engine.scan_orders(path, engine.Columns(**columns), (dimension,)))
    settled = engine.audit_orders(orders, window or engine.Window()).window
    return dimension_members(orders, dimension, settled, value, n_passes).sort("member")


@settings(max_examples=25)
@given(rows, st.integers(1, 3))
def test_members_have_their_lines_customers_and_money(tmp_path, rows, n_passes):
    lines = pl.DataFrame(
        {
            "customer_id": [customer for customer, *_ in rows],
            "brand": [brand for _, brand, _, _ in rows],
            "amount": [cents / 100 for _, _, cents, _ in rows],
            "order_ts": [date(2024, 2, day) for *_, day in rows],
        },
        schema_overrides={"customer_id": pl.String, "brand": pl.String},
    )
    found = members_by(write(tmp_path / "a.parquet", lines), "brand", n_passes)
    for row in found.iter_rows(named=True):
        mine = [(customer, cents) for customer, brand, cents, _ in rows if brand == row["member"]]
        assert row["n_lines"] == len(mine)
        assert row["n_lines_without_customer"] == sum(not customer for customer, _ in mine)
        assert row["n_customers"] == len({customer for customer, _ in mine if customer})
        assert row["revenue"] == row["value"] == float(Fraction(sum(cents for _, cents in mine), 100))
    assert found["n_lines"].sum() == len(rows)


def test_returns_are_taken_off_and_margin_is_amount_less_cost(tmp_path):
    path = write(
        tmp_path / "a.parquet",
        brand=["x", "x", "x", "y", "y", "z"],
        amount=[10.0, 4.0, 4.0, -3.0, 8.0, 0.1],
        cost=[7.0, 1.0, 1.0, -1.0, 9.0, 0.1],
        back=[False, False, True, True, False, False],
    )
    found = members_by(path, "brand", value="margin", return_flag="back")
    # a flagged return of 4 at a cost of 1 takes 3 off
    assert found.select("member", "revenue", "margin", "value").rows() == [
        *(("x", 10.0, 3.0, 3.0), ("y", 5.0, -3.0, -3.0), ("z", 0.1, 0.0, 0.0))
    ]


def test_sums_beyond_what_one_customer_may_have_stay_exact(tmp_path):
    path = write(tmp_path / "a.parquet", amount=pl.lit(9e12), brand=pl.lit("x"))
    assert members_by(path, "brand")["value"].to_list() == [5.4e13]


def test_lines_outside_the_window_or_unusable_are_nobodys(tmp_path):
    path = write(tmp_path / "a.parquet", brand=pl.lit("x"), amount=[1.0, 2.0, None, 4.0, 5.0, 6.0])
    found = members_by(path, "brand", window=engine.Window(since=date(2024, 1, 3), as_of=date(2024, 1, 9)))
    assert found["value"].to_list() == [2.0 + 4.0 + 5.0]


def test_customers_carry_the_segments_of_the_standard_scheme(tmp_path):
    simulated = write(tmp_path / "a.parquet", amount=[1.0, 2.0, 3.0, 4.0, 5.0, -6.0])
    orders = engine.scan_orders(simulated)
    window = engine.audit_orders(orders, engine.Window()).window
    members = customer_members(orders, window, "revenue", memory_budget(None)).sort("member")
    assert members["n_purchase_days"].to_list() == [2, 1, 2]
    assert members["rfm_segment"].null_count() == 0
    assert members.columns[:6] == [
        *("member", "n_lines", "n_lines_without_customer", "n_customers", "n_purchase_days", "rfm_segment")
    ]


def test_passes_files_and_their_order_change_nothing(tmp_path):
    rng = np.random.default_rng(4)
    lines = pl.DataFrame(
        {
            "customer_id": rng.integers(0, 40, 600),
            "order_ts": pl.Series(rng.integers(19700, 19900, 600).astype(np.int32)).cast(pl.Date),
            "amount": rng.normal(3.0, 20.0, 600).round(2),
            "brand": rng.integers(0, 25, 600),
        }
    )
    one = write(tmp_path / "one.parquet", lines)
    many = write_all(tmp_path / "many", *(lines.sort("amount").slice(i * 100, 100) for i in range(6)))
    expected = engine.concentrate(one, ["brand", "customer"])
    found = engine.concentrate(many, ["brand", "customer"])
    in_passes = engine.concentrate(many, ["brand"], memory=20_000)
    assert memory_budget(20_000, 600).passes(600) > 1
    for a, b in zip(
        (*expected.breakdowns, expected.breakdowns[0]), found.breakdowns + in_passes.breakdowns, strict=True
    ):
        assert_frame_equal(a.members, b.members, check_exact=True)
        assert_frame_equal(a.curves, b.curves, check_exact=True)
    assert expected.to_dict() == found.to_dict()


def test_the_measures_are_those_of_the_members_values(tmp_path):
    path = write(tmp_path / "a.parquet", brand=["x", "y", "x", "z", None, "y"])
    (found,) = engine.concentrate(path, ["brand"]).breakdowns
    assert found.populations.keys() == {"all"}
    assert found.populations["all"].measures == concentration(np.array([4.0, 8.0, 4.0, 5.0]))
    assert found.members["member"].to_list() == ["y", None, "x", "z"]
    assert "n_members" in found.to_dict()["populations"]["all"]


def test_tied_members_stand_in_their_own_order_with_null_last(tmp_path):
    path = write(tmp_path / "a.parquet", brand=["b", None, "a", "c", "d", "e"], amount=pl.lit(2.0))
    (found,) = engine.concentrate(path, ["brand"]).breakdowns
    assert found.members["member"].to_list() == ["a", "b", "c", "d", "e", None]


def test_the_customer_goes_by_role_or_by_mapping(tmp_path):
    path = write(tmp_path / "a.parquet", log().rename({"customer_id": "buyer"}))
    columns = engine.Columns(customer="buyer")
    for name in ("customer", "buyer"):
        (found,) = engine.concentrate(path, [name], columns=columns).breakdowns
        assert found.by == "customer"
        assert found.populations.keys() == {"all", "repeat"}
    with pytest.raises(engine.InputError, match=r"`by` names the customer twice \(buyer, customer\)"):
        engine.concentrate(path, ["buyer", "customer"], columns=columns)
    with pytest.raises(engine.InputError, match="`by` names no dimension"):
        engine.concentrate(path, [], columns=columns)


def test_a_line_without_customer_counts_everywhere_but_by_customer(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=["a", None, "", "b", "b", "a"], brand=pl.lit("x"))
    found = engine.concentrate(path, ["customer", "brand"])
    customers, brands = found.breakdowns
    assert (customers.audit.refused, customers.n_lines_without_customer) == ({"null_customer": 2}, 0)
    assert customers.members["value"].sum() == 1 + 4 + 5 + 6
    assert (brands.audit.refused, brands.n_lines_without_customer) == ({}, 2)
    assert brands.members["value"].to_list() == [21.0]


def test_a_log_of_guests_alone_has_products_all_the_same(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=pl.lit(None, pl.String), brand=["x", "x", "x", "y", "y", "y"])
    (found,) = engine.concentrate(path, ["brand"]).breakdowns
    assert found.members.select("member", "value", "n_customers").rows() == [("y", 15.0, 0), ("x", 6.0, 0)]
    with pytest.raises(engine.InputError, match="every customer id"):
        engine.concentrate(path, ["customer"])


def test_every_dimension_has_a_file_of_its_own():
    names = _file_names(["brand", "Brand", "a/b", "a b", "ä", "x" * 200, "../../etc"])
    assert names["brand"] == "brand-1.parquet"  # some file systems know no case
    assert names["Brand"] == "Brand-2.parquet"
    assert len({name.casefold() for name in names.values()}) == 7
    assert all("/" not in name and len(name) < 80 for name in names.values())


@pytest.mark.parametrize("zone", [None, "Pacific/Apia"])
def test_members_at_times_that_python_has_no_datetime_for_are_shown_as_text(tmp_path, zone):
    ends = [0, 2**60, -(2**56), 1, 1, 1]
    path = write(tmp_path / "a.parquet", log().with_columns(at=pl.Series(ends).cast(pl.Datetime("us", zone))))
    found = engine.concentrate(path, by=["at"]).breakdowns[0]
    texts = {row["member"]: row["revenue"] for row in found.best(10) if isinstance(row["member"], str)}
    assert sorted(texts.values()) == [2.0, 3.0]
    assert all(text.startswith(("+38505-", "-0314-", "+38504-", "-0313-")) for text in texts)
    assert [row["revenue"] for row in found.best(2)] == [15.0, 3.0]
