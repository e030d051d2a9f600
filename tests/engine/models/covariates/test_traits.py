"""Covariates from a file: what becomes of each column, and one line for each thing that can be wrong with it."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.models.covariates.design import Design, column_moments
from whalecurve.engine.models.covariates.traits import design_of, read_covariates

IDS = [3, 1, 2, 5, 4, 6]
GOOD = {
    "customer_id": IDS,
    "age": [31, 25, 60, 44, 52, 28],
    "is_member": [True, False, False, True, True, False],
    "channel": ["web", "shop", "web", "app", "shop", "web"],
}


def written(tmp_path, name="customers.parquet", **columns):
    frame = pl.DataFrame(GOOD | columns)
    frame.write_parquet(tmp_path / name)
    return tmp_path / name


def test_numbers_stay_flags_become_0_and_1_and_levels_columns_against_the_most_frequent(tmp_path):
    covariates = read_covariates(written(tmp_path), "customer_id")
    design = design_of(covariates, pl.Series([1, 2, 3, 4, 5, 6]))
    assert design.names == ("age", "is_member", "channel=app", "channel=shop")
    assert design.sources == ("age", "is_member", "channel", "channel")
    assert design.bases == {"channel": "web"}
    assert design.values.tolist() == [
        [25, 0, 0, 1],
        [60, 0, 0, 0],
        [31, 1, 0, 0],
        [52, 1, 0, 1],
        [44, 1, 1, 0],
        [28, 0, 0, 0],
    ]
    assert design.values.flags.c_contiguous


def test_of_equally_frequent_levels_the_first_by_name_is_the_base(tmp_path):
    path = written(tmp_path, channel=["web", "shop", "web", "app", "shop", "app"])
    design = design_of(read_covariates(path, "customer_id"), pl.Series(IDS))
    assert design.bases == {"channel": "app"}
    assert design.names[2:] == ("channel=shop", "channel=web")


def test_the_base_is_that_of_the_customers_asked_for_and_levels_they_lack_have_no_column(tmp_path):
    covariates = read_covariates(written(tmp_path), "customer_id")
    design = design_of(covariates, pl.Series([1, 4, 3]))
    assert design.bases == {"channel": "shop"}
    assert design.names == ("age", "is_member", "channel=web")
    assert design.n_unused == 3


def test_only_the_columns_asked_for_are_read(tmp_path):
    path = written(tmp_path, born=[date(1990, 1, 1)] * 6)
    assert read_covariates(path, "customer_id", ["age"]).table.columns == ["age"]


@pytest.mark.parametrize(
    ("dtype", "value"), [(pl.Categorical(), "web"), (pl.Enum(["app", "shop", "web"]), "web"), (pl.Decimal(10, 2), 31.0)]
)
def test_categories_and_decimals_are_covariates_too(tmp_path, dtype, value):
    name = "channel" if value == "web" else "age"
    path = written(tmp_path, **{name: pl.Series(GOOD[name]).cast(dtype)})
    covariates = read_covariates(path, "customer_id")
    assert covariates.table[name][0] == value


@pytest.mark.parametrize("dtype", [pl.Int32, pl.UInt64, pl.Int8])
def test_integer_ids_of_any_width_match(tmp_path, dtype):
    path = written(tmp_path, customer_id=pl.Series(IDS, dtype=dtype))
    design = design_of(read_covariates(path, "customer_id"), pl.Series([2, 1]))
    assert design.values[:, 0].tolist() == [60, 25]


def test_ids_may_be_text_in_file_and_orders(tmp_path):
    path = written(tmp_path, customer_id=[f"c{i}" for i in IDS])
    covariates = read_covariates(path, "customer_id")
    for ids in (pl.Series(["c2", "c1"]), pl.Series(["c2", "c1"], dtype=pl.Categorical())):
        assert design_of(covariates, ids).values[:, 0].tolist() == [60, 25]


def test_a_directory_of_files_is_one_table(tmp_path):
    for i, part in enumerate(pl.DataFrame(GOOD).iter_slices(4)):
        part.write_parquet(tmp_path / f"{i}.parquet")
    assert design_of(read_covariates(tmp_path, "customer_id"), pl.Series(IDS)).values.shape == (6, 4)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"customer_id": [1, 1, 2, 3, 4, 2]},
            "a customer comes again in 2 of 6 rows; keep one row for each ",
        ),
        ({"customer_id": [1, None, 2, 3, 4, 5]}, '"customer_id" is null in 1 of 6 rows; leave them out'),
        ({"customer_id": [0.5, 1.0, 2.0, 3.0, 4.0, 5.0]}, "is Float64, expected an integer, string or binary id"),
        ({"age": [31, None, None, 44, 52, 28]}, 'covariate "age" is null in 2 of 6 rows; fill them'),
        ({"age": [31.0, np.nan, 2.0, 44.0, 52.0, np.inf]}, 'covariate "age" is NaN or infinite in 2 of 6 rows'),
        ({"channel": ["web", None, "web", "app", "app", "web"]}, 'covariate "channel" is null in 1 of 6 rows'),
        ({"age": [30] * 6}, 'covariate "age" is 30.0 for every customer; leave it out'),
        ({"channel": ["web"] * 6}, "covariate \"channel\" is 'web' for every customer; leave it out"),
        ({"born": [date(1990, 1, 1)] * 6}, 'covariate "born" is Date, expected numbers, true and false, or text'),
        ({"tags": [["a"]] * 6}, r'covariate "tags" is List\(String\), expected numbers'),
        ({"years": [62, 50, 120, 88, 104, 56]}, 'covariate "years" follows from "age"; leave one of them out'),
        (
            {"is_shop": [False, True, False, False, True, False]},
            'covariate "is_shop" follows from "channel=shop"; leave one of them out',
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_line_that_names_it(tmp_path, columns, message):
    with pytest.raises(InputError, match=message) as caught:
        read_covariates(written(tmp_path, **columns), "customer_id")
    assert str(caught.value).startswith(f"{tmp_path}/customers.parquet: ")
    assert "\n" not in str(caught.value)


def test_text_with_a_level_for_nearly_everyone_is_refused(tmp_path):
    n = 60
    pl.DataFrame({"customer_id": range(n), "name": [f"n{i}" for i in range(n)]}).write_parquet(tmp_path / "c.parquet")
    with pytest.raises(InputError, match='covariate "name" has 60 levels, more than 50; group them into fewer'):
        read_covariates(tmp_path / "c.parquet", "customer_id")


def test_files_and_columns_that_are_not_there_are_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_covariates(tmp_path / "nothing.parquet", "customer_id")
    path = written(tmp_path)
    with pytest.raises(
        InputError, match=r'no column "customer" for `customer`; there are .* did you mean "customer_id"\?'
    ):
        read_covariates(path, "customer")
    with pytest.raises(InputError, match='no covariate "agee"; there are age, is_member, channel'):
        read_covariates(path, "customer_id", ["age", "agee"])
    pl.DataFrame({"customer_id": [1, 2]}).write_parquet(tmp_path / "ids.parquet")
    with pytest.raises(InputError, match='no covariate beside "customer_id"'):
        read_covariates(tmp_path / "ids.parquet", "customer_id")
    pl.DataFrame(GOOD).clear().write_parquet(tmp_path / "empty.parquet")
    with pytest.raises(InputError, match="no rows"):
        read_covariates(tmp_path / "empty.parquet", "customer_id")


def test_customers_of_the_orders_without_covariates_are_counted_and_refused(tmp_path):
    covariates = read_covariates(written(tmp_path), "customer_id")
    with pytest.raises(InputError, match="2 of 3 customers of the orders are not in the file; add them"):
        design_of(covariates, pl.Series([1, 17, 18]))


def test_ids_of_another_type_than_in_the_orders_are_refused(tmp_path):
    covariates = read_covariates(written(tmp_path), "customer_id")
    with pytest.raises(InputError, match="customers are Int64, but String in the orders; write both with one type"):
        design_of(covariates, pl.Series(["1", "2"]))


def test_the_order_of_rows_in_the_file_does_not_matter(tmp_path):
    covariates = read_covariates(written(tmp_path), "customer_id")
    pl.DataFrame(GOOD).reverse().write_parquet(tmp_path / "reversed.parquet")
    turned = read_covariates(tmp_path / "reversed.parquet", "customer_id")
    one, other = (design_of(each, pl.Series([1, 2, 3, 4, 5, 6])) for each in (covariates, turned))
    assert one.names == other.names
    assert np.array_equal(one.values, other.values)


def test_a_part_of_a_design_is_taken_by_columns_of_the_file(tmp_path):
    design = design_of(read_covariates(written(tmp_path), "customer_id"), pl.Series(IDS))
    part = design.only(["channel"])
    assert part.names == ("channel=app", "channel=shop")
    assert np.array_equal(part.values, design.values[:, 2:])
    assert part.bases == design.bases
    assert design.only(["age"]).bases == {}
    with pytest.raises(InputError, match='no column "channel=app"; there are age, is_member, channel'):
        design.only(["channel=app"])


@pytest.mark.parametrize(
    ("names", "values", "message"),
    [
        (("a",), np.ones((3, 2)), "1 names for 3 x 2 values"),
        (("a", "a"), np.ones((3, 2)), 'two columns are named "a"'),
        (("a", "b"), np.array([[1.0, 2.0], [3.0, np.nan]]), '"b" holds NaN or infinity'),
    ],
)
def test_a_design_checks_itself(names, values, message):
    with pytest.raises(InputError, match=message):
        Design(names=names, values=values)


def test_moments_are_weighted_and_serve_numbers_of_any_size():
    values = np.array([[1.0, 1e200], [2.0, -1e200], [4.0, 3e200]])
    means, spreads = column_moments(Design(names=("a", "b"), values=values), weights=np.array([2.0, 1.0, 1.0]))
    repeated = np.repeat(values, [2, 1, 1], axis=0) / [1.0, 1e200]
    assert means / [1.0, 1e200] == pytest.approx(repeated.mean(axis=0), rel=1e-14)
    assert spreads / [1.0, 1e200] == pytest.approx(repeated.std(axis=0), rel=1e-14)


def test_ids_of_a_text_file_are_text_or_the_whole_numbers_of_the_orders(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("customer_id,age\n1,25\n02,60\nx,31\n", encoding="utf-8")
    covariates = read_covariates(path, "customer_id")
    assert design_of(covariates, pl.Series([2, 1])).values[:, 0].tolist() == [60, 25]
    assert design_of(covariates, pl.Series(["02", "x"])).values[:, 0].tolist() == [60, 31]
    path.write_text("customer_id,age\n2,25\n02,60\nx,31\n", encoding="utf-8")
    with pytest.raises(InputError, match="'2' and '02' are one customer in the orders"):
        design_of(read_covariates(path, "customer_id"), pl.Series([2]))
