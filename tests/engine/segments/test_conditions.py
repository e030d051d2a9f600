"""A scheme with conditions, on a dozen customers whose segments are worked out by hand."""

from dataclasses import replace

import polars as pl
import pytest

from whalecurve.engine.attributes import open_attributes
from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes import load_scheme
from whalecurve.engine.segments import conditions_of, with_rfm_segment
from whalecurve.engine.segments.conditions import NUMBERS

SCHEME = """
name = "lives"
description = "Demographic, geographic and psychographic rules before scores."
bins = 5

[[segment]]
name = "Young and frequent"
where = "age between 18 and 30 and f >= 4"
action = "Ask them to bring friends."

[[segment]]
name = "Northern runners"
where = "region = 'north' and interest in ('running', 'hiking')"
r = [3, 5]
action = "Invite them to the run."

[[segment]]
name = "Dear ones"
where = "value > 500"
action = "Call them."

[[segment]]
name = "Recent"
r = [3, 5]
action = "Thank them."

[[segment]]
name = "Others"
action = "Write to them."

[matrix]
retain = { name = "Retain", action = "a" }
divest = { name = "Divest", action = "b" }
grow = { name = "Grow", action = "c" }
maintain = { name = "Maintain", action = "d" }
"""

# id, r, f, m, value, age, region, interest -> segment
DOZEN = [
    (1, 5, 5, 5, 900.0, 18, "north", "running", "Young and frequent"),  # the first that takes them counts
    (2, 1, 4, 1, 10.0, 30, "south", None, "Young and frequent"),  # both ends are in
    (3, 5, 3, 5, 900.0, 25, "north", "hiking", "Northern runners"),
    (4, 3, 1, 1, 10.0, None, "north", "running", "Northern runners"),  # a null age meets nothing, the next rule does
    (5, 2, 5, 5, 900.0, 31, "north", "running", "Dear ones"),  # its r is out of the range
    (6, 5, 5, 5, 500.0, 40, "north", "chess", "Recent"),  # 500 is not more than 500
    (7, 4, 1, 1, 10.0, None, None, None, "Recent"),  # has no row
    (8, 1, 1, 1, 501.0, None, None, None, "Dear ones"),  # has none either
    (9, 2, 2, 2, 5.0, 17, "south", "running", "Others"),
    (10, 3, 4, 4, 5.0, 17, "north", None, "Recent"),  # nobody knows the interest
    (11, 1, 1, 1, -5.0, 99, "north", "running", "Others"),
    (12, None, None, None, 0.0, 25, "north", "running", None),  # never bought
]


@pytest.fixture
def scheme(tmp_path):
    path = tmp_path / "lives.toml"
    path.write_text(SCHEME)
    return load_scheme(path)


@pytest.fixture
def files():
    rows = [(i, age, region, interest) for i, *_, age, region, interest, _ in reversed(DOZEN) if i not in (7, 8)]
    crm = pl.DataFrame(rows, schema=["customer_id", "age", "region", "interest"], orient="row")
    return open_attributes([crm], "customer_id", [])


def customers():
    rows = [(i, r, f, m, value) for i, r, f, m, value, *_ in DOZEN]
    schema = {
        "customer_id": pl.Int64,
        "r_score": pl.UInt8,
        "f_score": pl.UInt8,
        "m_score": pl.UInt8,
        "value": pl.Float64,
    }
    return pl.LazyFrame(rows, schema=schema, orient="row")


def test_a_dozen_customers_are_where_they_belong(scheme, files):
    conditions = conditions_of(scheme, files, pl.Int64(), None, has_margin=True)
    found = with_rfm_segment(customers(), scheme, conditions).collect(engine="streaming")
    assert found.columns == [*customers().collect_schema(), "rfm_segment"]
    assert found["rfm_segment"].to_list() == [segment for *_, segment in DOZEN]
    assert found["customer_id"].to_list() == list(range(1, 13))


def test_a_number_that_could_not_be_told_meets_no_condition_and_stays_as_it_is(scheme, files):
    conditions = conditions_of(scheme, files, pl.Int64(), None, has_margin=True)
    unknown = customers().with_columns(value=pl.lit(float("nan")))
    found = with_rfm_segment(unknown, scheme, conditions).collect(engine="streaming")
    assert "Dear ones" not in found["rfm_segment"].to_list()
    assert found["value"].is_nan().all()


def test_a_scheme_says_its_conditions_among_its_rules(scheme):
    rules = scheme.rules["segments"]
    assert rules["Northern runners"]["where"] == "region = 'north' and interest in ('running', 'hiking')"
    assert rules["Others"] == {"r": [1, 5], "f": [1, 5], "m": [1, 5]}


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("agee > 3", r'segment "Dear ones": no column "agee" .*did you mean "age"'),
        ("age + 3", 'where "age \\+ 3" gives Int64, not true or false'),
        ("age >", "neither a column nor a valid SQL expression"),
        ("margin > 3", 'no column "margin"'),
    ],
)
def test_conditions_that_cannot_be_are_refused(scheme, files, condition, told):
    rules = [replace(one, where=condition) if one.name == "Dear ones" else one for one in scheme.segments]
    wrong = replace(scheme, segments=tuple(rules))
    with pytest.raises(InputError, match=told):
        conditions_of(wrong, files, pl.Int64(), None, has_margin=False)


def test_an_attribute_that_is_called_as_a_column_of_customers_is_refused_where_it_is_read(scheme):
    crm = pl.DataFrame({"id": [1], "age": [1], "region": ["a"], "interest": ["b"], "value": [1.0]})
    with pytest.raises(InputError, match=r'"value" is a column of customers and of .*rename it in `attributes`'):
        conditions_of(scheme, open_attributes([crm], "id", []), pl.Int64(), None, has_margin=True)


def test_an_attribute_may_be_called_as_a_column_of_customers_that_conditions_do_not_read(tmp_path):
    """The condition reads the file, ranges of scores and what is written the customers' own."""
    path = tmp_path / "lives.toml"
    path.write_text(SCHEME.replace("value > 500", "r_score = 'gold' and customer_id = 7"))
    crm = pl.DataFrame({"id": [4, 5, 11], "r_score": ["gold", "gold", "lead"], "customer_id": [7, 8, 7]})
    crm = crm.with_columns(age=None, region=pl.lit("south"), interest=pl.lit(""))
    scheme = load_scheme(path)
    conditions = conditions_of(scheme, open_attributes([crm], "id", []), pl.Int64(), None, has_margin=True)
    found = with_rfm_segment(customers(), scheme, conditions).collect(engine="streaming")
    assert found.drop("rfm_segment").equals(customers().collect())
    assert found.filter(rfm_segment="Dear ones")["customer_id"].to_list() == [4]
    assert found.filter(rfm_segment="Recent")["customer_id"].to_list() == [1, 3, 6, 7, 10]


def test_the_last_rule_takes_whoever_is_left(tmp_path):
    text = SCHEME.replace('name = "Others"\n', 'name = "Others"\nwhere = "age > 5"\n')
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match=r"no segment without a condition takes the cell r 1, f 1, m 1 .*has no where"):
        load_scheme(tmp_path / "a.toml")


def test_a_rule_after_one_that_takes_all_is_refused(tmp_path):
    text = SCHEME.replace("[matrix]", '[[segment]]\nname = "Late"\nwhere = "age > 5"\naction = "x"\n\n[matrix]')
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match='no cell reaches segment "Late"'):
        load_scheme(tmp_path / "a.toml")


def test_numbers_that_conditions_may_read_are_those_that_are_written():
    import tomllib
    from importlib import resources

    text = resources.files("whalecurve.engine.outputs").joinpath("commands", "score.toml").read_text()
    columns = tomllib.loads(text)["tables"][0]["columns"]
    assert {name: str(dtype) for name, dtype in NUMBERS.items()} == {name: columns[name]["type"] for name in NUMBERS}
