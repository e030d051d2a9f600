"""A log small enough to be worked out by hand, through the command line."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from tests.support.logs import write

# Margin by product: anchor 40, bell 20, candle 12 - 2, dial 10, easel 5, fork 5, globe 4, hinge 3, inkpot 2, the one
# without a name 1, kite 0, lamp -20; 80 in all. By customer: ann 60, ben 12 - 2 - 20, cat 10, dan 6, eve 1; 67 in all,
# as the 13 of dial and hinge were sold to nobody in particular. Revenue less cost, a line each:
LOG = """
product  customer  day  revenue  cost
anchor   ann         1     60     20
bell     ann         9     30     10
candle   ben         1     18      6
candle   ben         5     -3     -1
dial     -           3     25     15
easel    cat         2      9      4
fork     cat         2      6      1
globe    dan         4      8      4
hinge    -           4      7      4
inkpot   dan         6      3      1
-        eve         7      2      1
kite     eve         8      5      5
lamp     ben         8     10     30
mug      fay         7      -      1
"""
SETTINGS = ("--customer", "customer", "--time", "day", "--amount", "revenue", "--cost", "cost", "--max-refused", "0.3")

# Best first: 40 60 70 80 85 90 94 97 99 100 100 80 of 80. Before the tens 75 % are reached, so both are A; nobody is B.
# Gini: half the sum of differences is 220 + 20 + 27 + 32 + 35 + 36 + 160 + 200 + 220 = 950, of 12 times 120.
PRODUCTS = """
by product: 12 members, margin 80, 2024-01-01 to 2024-01-09
14 order lines read: 13 used (of which 2 lines without customer), 1 refused (1 null_amount)
the top 20% account for 80.0%; 3 (25.0%) account for 80%
Pareto classes: A 4, C 8

measure                            all
---------------------------  ---------
members                             12
of them with a loss                  1
total                               80
gains                              100
losses                             -20
whale curve: best 1%              6.0%
whale curve: best 5%             30.0%
whale curve: best 10%            55.0%
whale curve: best 20%            80.0%
peak                            125.0%
reached by the best              83.3%
drag                             25.0%
members for 80%              3 (25.0%)
members for 80% of the peak  4 (33.3%)
Gini, normalised                 0.660

rank  product  lines  customers  revenue  margin   share  cumulative  class
----  -------  -----  ---------  -------  ------  ------  ----------  -----
   1  anchor       1          1       60      40   50.0%       50.0%  A
   2  bell         1          1       30      20   25.0%       75.0%  A
   3  candle       2          1       15      10   12.5%      100.0%  A
   3  dial         1          0       25      10   12.5%      100.0%  A
   5  easel        1          1        9       5    6.2%      112.5%  C
   5  fork         1          1        6       5    6.2%      112.5%  C
   7  globe        1          1        8       4    5.0%      117.5%  C
   8  hinge        1          0        7       3    3.8%      121.2%  C
   9  inkpot       1          1        3       2    2.5%      123.8%  C
  10  (none)       1          1        2       1    1.2%      125.0%  C
  11  kite         1          1        5       0    0.0%      125.0%  C
  12  lamp         1          1       10     -20  -25.0%      100.0%  C

note: all: 1 of 12 values are negative, so there are no shares of a whole, and no HHI, Theil, Hoover or Palma
note: all: fewer than 50 values are above the 90th percentile: 1, so there is no tail exponent
"""


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    header, *rows = (line.split() for line in LOG.strip().splitlines())
    table = pl.DataFrame(rows, schema=header, orient="row")
    table = table.with_columns(pl.when(pl.all() != "-").then(pl.all()))
    money = pl.col("revenue", "cost").cast(pl.Float64)
    write(
        tmp_path / "log.parquet", table.with_columns(money, pl.date(2024, 1, pl.col("day").cast(pl.Int8)).alias("day"))
    )
    return "log.parquet"


def test_products_are_as_worked_out_by_hand(log):
    assert printed("concentration", log, "--by", "product", "--top", "20", *SETTINGS) == PRODUCTS.lstrip()


def test_customers_are_as_worked_out_by_hand(log):
    (found,) = printed_json("concentration", log, *SETTINGS)["dimensions"]
    assert found["rows"] == {"read": 14, "filtered": 0, "used": 11, "refused": {"null_customer": 2, "null_amount": 1}}
    assert (found["lines_without_customer"], found["pareto_classes"]) == (0, {"A": 1, "B": 1, "C": 3})
    everybody, repeat = found["populations"]["all"], found["populations"]["repeat"]
    assert (everybody["n_members"], everybody["total"], everybody["n_loss_makers"]) == (5, 67.0, 1)
    assert everybody["peak_share"] == pytest.approx(77 / 67, rel=1e-12)
    assert everybody["drag_share"] == pytest.approx(10 / 67, rel=1e-12)
    assert everybody["top_20_share"] == pytest.approx(60 / 67, rel=1e-12)
    # differences of -10, 1, 6, 10, 60: 11 + 16 + 20 + 70, 5 + 9 + 59, 4 + 54, 50
    assert everybody["gini"] == pytest.approx(2 * 298 / (2 * 5 * 87), rel=1e-12)
    # ann, ben, dan and eve bought on two days; ben's third day has a return alone
    assert (repeat["n_members"], repeat["total"], repeat["n_for_80"]) == (4, 57.0, 1)
    best = [(row["member"], row["value"], row["n_purchase_days"], row["pareto_class"]) for row in found["top"]]
    assert best == [
        ("ann", 60, 2, "A"),
        ("cat", 10, 1, "B"),
        ("dan", 6, 2, "C"),
        ("eve", 1, 2, "C"),
        ("ben", -10, 2, "C"),
    ]
    assert found["curves"]["cumulative_value"][0] == 0.0


def test_without_losses_the_appendix_is_there(log):
    revenue = ("--value", "revenue", "--where", "revenue > 0 AND product <> 'lamp'")
    (found,) = printed_json("concentration", log, "--by", "customer", *revenue, *SETTINGS)["dimensions"]
    # ann 90, ben 18, cat 15, dan 11, eve 5; the one without a name is neither lamp nor not: SQL leaves it out
    shares = [90, 18, 15, 11, 5]
    more = found["populations"]["all"]["appendix"]
    assert more["hhi"] == pytest.approx(sum(s * s for s in shares) / sum(shares) ** 2, rel=1e-12)
    assert more["hoover"] == pytest.approx((90 - 139 / 5) / 139, rel=1e-12)
    assert more["theil_between"] + more["theil_within"] == pytest.approx(more["theil"], rel=1e-12)
    text = printed("concentration", log, *revenue, *SETTINGS)
    assert "within RFM segments" in text
    assert "there are no shares of a whole" not in text


def test_several_dimensions_have_a_block_each(log):
    by = ("--by", "customer,SUBSTR(product, 1, 1), day")
    blocks = printed("concentration", log, *by, "--top", "0", *SETTINGS).split("\n\n")
    assert [block.split(":")[0] for block in blocks if block.startswith("by ")] == [
        *("by customer", "by SUBSTR(product, 1, 1)", "by day")
    ]
    assert "rank" not in "".join(blocks)


def test_memory_changes_no_result_and_one_that_cannot_do_is_refused(log):
    by_product = ("concentration", log, "--by", "product,day", "--top", "20", *SETTINGS)
    assert printed_json(*by_product, "--memory", "1MB") == printed_json(*by_product)
    by_customer = ("concentration", log, *SETTINGS)
    assert printed_json(*by_customer, "--memory", "8GB") == printed_json(*by_customer)
    line = refusal(*by_customer, "--memory", "1MB")
    assert line.startswith("--memory 1MB is too little; the least that would do is ")


def test_a_result_is_written_whole_and_replaced_only_if_asked(log):
    command = ("concentration", log, "--by", "product,customer,UPPER(product)", *SETTINGS, "--out", "found")
    assert printed(*command).endswith("\nwritten to found\n")
    assert sorted(path.name for path in Path("found").iterdir()) == [
        *("concentration.parquet", "manifest.json", "members", "model.json", "refused.parquet", "schema.json")
    ]
    assert sorted(path.name for path in Path("found/members").iterdir()) == [
        *("UPPER_product-3.parquet", "customer.parquet", "product.parquet")
    ]
    members = pl.read_parquet("found/members/product.parquet")
    assert members["member"].to_list()[:3] == ["anchor", "bell", "candle"]
    assert members["value"].to_list() == [40, 20, 10, 10, 5, 5, 4, 3, 2, 1, 0, -20]
    assert members.equals(pl.read_parquet("found/members/UPPER_product-3.parquet").with_columns(members["member"]))
    manifest = json.loads(Path("found/manifest.json").read_text())
    assert manifest["rows"] == {"read": 14, "filtered": 0, "used": 13, "refused": {"null_amount": 1}}
    assert [one["members"] for one in manifest["dimensions"]][1] == "members/customer.parquet"
    assert {"path": "members/product.parquet", "rows": 12}.items() <= manifest["outputs"][3].items()
    assert "exists; choose another directory" in refusal(*command)
    assert printed(*command, "--overwrite").endswith("\nwritten to found\n")
    assert [path.name for path in Path().iterdir() if "staging" in path.name] == []
    refused = pl.read_parquet("found/refused.parquet").select("by", "row", "reason").rows()
    assert refused == [
        ("customer", 4, "null_customer"),
        ("customer", 8, "null_customer"),
        ("customer", 13, "null_amount"),
        ("product, UPPER(product)", 13, "null_amount"),
    ]


def test_members_of_any_type_are_printed(log):
    table = pl.read_parquet(log).with_columns(
        tag=pl.col("product").cast(pl.Binary), ratio=pl.when(pl.col("cost") > 5).then(float("nan")).otherwise(0.5)
    )
    write(Path("typed.parquet"), table)
    found = printed_json("concentration", "typed.parquet", "--by", "tag,ratio,day,cost > 5", "--top", "1", *SETTINGS)
    tops = [one["top"][0]["member"] for one in found["dimensions"]]
    assert tops == [b"anchor".hex(), "nan", "2024-01-01", True]


def test_a_log_without_margin_is_measured_in_revenue(log):
    found = printed_json("concentration", log, "--by", "product", *SETTINGS[:6], "--max-refused", "0.3", "--cost", "")
    assert found["value"] == "revenue"
    assert "margin" not in found["dimensions"][0]["top"][0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--by", "prodct"),
            'no column "prodct" for --by; there are product, customer, day, revenue, cost; did you mean',
        ),
        (("--by", "product,product"), '--by names "product" twice; name each dimension once'),
        (("--by", "customer,customer"), "--by names the customer twice (customer, customer)"),
        (("--by", "product,"), '--by "" is neither a column nor a valid SQL expression'),
        (("--by", "product", "--max-refused", "0.05"), "1 of 14 rows (7.1%) cannot be used (1 null_amount)"),
        (("--cost", "", "--value", "margin"), "--value margin: the orders carry no margin"),
        (("--since", "2025-01-01"), "no order in the window"),
        (("--out", "."), "--out .: holds the orders themselves"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(log, options, message):
    mine = {name: SETTINGS[i + 1] for i, name in enumerate(SETTINGS) if i % 2 == 0}
    mine |= dict(zip(options[::2], options[1::2], strict=True))
    assert message in refusal("concentration", log, *(word for pair in mine.items() for word in pair))


def test_a_value_that_is_neither_margin_nor_revenue_is_wrong_usage(log):
    assert "Invalid value for '--value'" in misuse("concentration", log, "--value", "profit")


def test_attributes_of_customers_are_dimensions_and_small_cells_are_pooled(log, tmp_path):
    (tmp_path / "crm.csv").write_text("customer,age\nann,30\nben,30\ncat,30\ndan,30\neve,41\nzoe,50\n")
    asked = ("concentration", log, *SETTINGS, "--attributes", "crm.csv", "--by", "age")
    (found,) = printed_json(*asked, "--pool-below", "1")["dimensions"]
    # 60 - 10 + 10 + 6 of those of 30, 1 of eve; 13 were sold to nobody in particular.
    assert {best["member"]: best["value"] for best in found["top"]} == {"30": 66.0, None: 13.0, "41": 1.0}
    (pooled,) = printed_json(*asked)["dimensions"]
    assert {best["member"]: best["value"] for best in pooled["top"]} == {"(other)": 67.0, None: 13.0}
    assert "age: 2 values are pooled as (other)" in " ".join(pooled["warnings"])
    assert "5 of 6 customers have a row in crm.csv" in " ".join(pooled["warnings"])
