"""Every command takes ids and dimensions of any plain type, with any nulls, under any name: a result, or one line."""

import random
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product

import polars as pl
import pytest

from tests.support.commands import run

N_LINES, N_CUSTOMERS = 240, 40
TYPES = {
    "int8": ([1, -2, 127], pl.Int8),
    "uint64": ([2**64 - 1, 0, 5], pl.UInt64),
    "int128": ([2**100, 1, -3], pl.Int128),
    "uint128": ([2**100, 1, 3], pl.UInt128),
    "float16": ([1.5, 2.0], pl.Float16),
    "float64": ([1.5, float("inf"), float("nan")], pl.Float64),
    "decimal": ([Decimal("1.50"), Decimal("-2")], pl.Decimal(20, 2)),
    "text": (["a", "", "\x00", "é'\"\n", "=1+1"], pl.String),
    "uuid": ([uuid.UUID(int=i).bytes for i in range(4)], pl.Binary),
    "bytes": ([b"\xff", b"", b"abc"], pl.Binary),
    "bool": ([True, False], pl.Boolean),
    "date": ([date(2024, 1, 1), date(1, 1, 1), date(9999, 12, 31)], pl.Date),
    "datetime": ([datetime(2024, 1, 1), datetime(9999, 1, 1)], pl.Datetime("us")),
    "nanoseconds": ([datetime(2024, 1, 1)], pl.Datetime("ns")),
    "zoned": ([datetime(2024, 1, 1, tzinfo=UTC)], pl.Datetime("us", "UTC")),
    "duration": ([timedelta(days=1), timedelta(0), timedelta(days=-3)], pl.Duration("us")),
    "milliseconds": ([timedelta(days=1)], pl.Duration("ms")),
    "time": ([time(1), time(2)], pl.Time),
    "category": (["a", "b"], pl.Categorical),
    "enum": (["a", "b"], pl.Enum(["a", "b"])),
    "null": ([None], pl.Null),
}
CASES = list(product(TYPES, ("no nulls", "some nulls", "null throughout")))
NAMES = ("value", "by", "__row", "dim:x", 'a "b"', "é ü", "group", "customer", "n")


def column(name, case, chance):
    kind, nulls = case
    values, dtype = TYPES[kind]
    share = {"no nulls": 0.0, "some nulls": 0.3, "null throughout": 1.0}[nulls]
    drawn = [None if chance.random() < share else chance.choice(values) for _ in range(N_LINES)]
    return pl.Series(name, drawn, dtype=dtype)


def lines(chance):
    return pl.DataFrame(
        {
            "customer_id": [chance.randrange(N_CUSTOMERS) for _ in range(N_LINES)],
            "order_ts": [datetime(2024, 1, 1) + timedelta(seconds=chance.randrange(10**7)) for _ in range(N_LINES)],
            "amount": [chance.choice([1.0, 5.0, 20.0, -3.0]) for _ in range(N_LINES)],
        }
    )


def answer(*args):
    """Whether a command has a result; else it has one line that names what is wrong."""
    done = run(*args)  # a traceback fails the test here
    assert done.exit_code in (0, 1)
    if done.exit_code == 1:
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
    return done.exit_code == 0


def largest(scores):
    """The RFM segment with most customers."""
    found = pl.read_parquet(scores / "segments.parquet").drop_nulls("action")
    return found.filter(scheme=found["scheme"][0]).sort("customers")["segment"][-1]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("part", range(7))
def test_dimensions_and_traits_of_every_type_have_an_answer(tmp_path, part):
    chance = random.Random(part)
    cases = CASES[part * len(NAMES) : (part + 1) * len(NAMES)]
    made = [column(name, case, chance) for name, case in zip(NAMES, cases, strict=False)]
    orders, names = tmp_path / "orders.parquet", [one.name for one in made]
    table = lines(chance).with_columns(made)
    table.write_parquet(orders)
    table.unique("customer_id", keep="first").select("customer_id", *names).write_parquet(tmp_path / "traits.parquet")
    by = ",".join(map(quoted, names))
    scores, out = tmp_path / "scores", ("--out", tmp_path / "out", "--overwrite")
    few = ("--min-customers", 1)
    assert answer("check", orders)
    assert answer("concentration", orders, "--by", by, "--format", "json", *out)
    assert answer("measures", orders, "--by", by, *out)
    assert answer("score", orders, "--out", scores)
    segment = largest(scores)
    assert answer("explain", orders, "--scores", scores, "--segment", segment, "--by", by, *few, *out)
    asked = ("profile", scores, "--segment", segment, *few, *out)
    assert answer(*asked, "--by", by, "--first-by", by, "--next-by", by)
    assert answer(*asked, "--customers", tmp_path / "traits.parquet", "--format", "json")
    for name in names:
        answer(*asked, "--customers", tmp_path / "traits.parquet", "--seed-column", name, "--hash")


@pytest.mark.parametrize("kind", ["int8", "uint64", "int128", "uint128", "text", "uuid", "bytes", "category"])
def test_ids_of_every_type_are_scored_and_written(tmp_path, kind):
    chance = random.Random(kind)
    orders = tmp_path / "orders.parquet"
    lines(chance).with_columns(column("customer_id", (kind, "some nulls"), chance)).write_parquet(orders)
    out = ("--out", tmp_path / "out", "--overwrite", "--max-refused", 1)
    assert answer("check", orders)
    assert answer("measures", orders, *out)
    assert answer("score", orders, "--out", tmp_path / "scores", "--max-refused", 1)
    ids = pl.read_parquet(tmp_path / "scores" / "customers" / "**" / "*.parquet")["customer_id"]
    assert set(ids) == {one for one in TYPES[kind][0] if one not in ("", b"")}
    segment = largest(tmp_path / "scores")
    assert answer("profile", tmp_path / "scores", "--segment", segment, "--out", tmp_path / "ideal")
    seeds = pl.read_csv(tmp_path / "ideal" / "seeds.csv", infer_schema=False).to_series()
    written = {one.hex() if isinstance(one, bytes) else str(one) for one in ids}
    assert {seed.removeprefix("'") for seed in seeds} <= written
