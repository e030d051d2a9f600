"""One log in files of any kind has one result, to the last bit."""

import gzip
import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.logs import simple_log
from whalecurve import engine


def as_csv(lines, path, **options):
    lines.write_csv(path, **options)


def as_gzip(lines, path):
    path.write_bytes(gzip.compress(lines.write_csv().encode()))


def with_decimal_commas(lines, path):
    """As a spreadsheet in Berlin writes it: semicolons, decimal commas, a byte order mark, CRLF, quotes."""
    money = (pl.col(name).cast(pl.String).str.replace(".", ",", literal=True) for name in ("amount", "margin"))
    times = pl.col("order_ts").dt.strftime("%Y-%m-%d %H:%M")
    lines.with_columns(*money, times).write_csv(
        path, separator=";", include_bom=True, line_terminator="\r\n", quote_style="always"
    )


KINDS = {
    "orders.csv": as_csv,
    "orders.csv.gz": as_gzip,
    "orders.tsv": lambda lines, path: as_csv(lines, path, separator="\t"),
    "german.csv": with_decimal_commas,
    "orders.feather": lambda lines, path: lines.write_ipc(path, compression="zstd"),
    "orders.arrows": lambda lines, path: lines.write_ipc_stream(path),
}


def shop():
    """Lines of customers and orders with text for ids, some with leading zeros, some without; and what is refused."""
    lines = simple_log(3_000, 120, seed=7)
    ids = pl.col("customer_id").cast(pl.String).str.zfill(4)
    is_nobody = pl.col("customer_id") == 3
    city = pl.when(pl.col("order_id") % 3 == 0).then(pl.lit('Köln, "Süd"')).otherwise(pl.lit("Bad\nTölz"))
    return lines.with_columns(
        customer_id=pl.when(~is_nobody).then(ids),
        order_id=pl.col("order_id").cast(pl.String),
        amount=pl.when(pl.int_range(pl.len()) % 500 != 7).then("amount"),
        city=city,
    )


def outcome(orders, out):
    """All tables and numbers of a run, and of the concentration of a dimension."""
    run = engine.score(orders, out=out / "scores", layout="flat", max_refused=1.0)
    found = engine.concentrate(orders, by=("city",), out=out / "by", max_refused=1.0)
    manifest = {name: run.manifest[name] for name in ("as_of", "rows", "first_day", "last_day", "customers", "lines")}
    tables = {path.relative_to(out).as_posix(): pl.read_parquet(path) for path in sorted(out.rglob("*.parquet"))}
    return tables, json.dumps([manifest, run.model, run.measures, found.to_dict()])


@pytest.fixture(scope="module")
def of_parquet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    shop().write_parquet(folder / "orders.parquet")
    return outcome(folder / "orders.parquet", folder / "out")


@pytest.mark.parametrize("name", KINDS)
def test_a_log_of_any_kind_is_scored_as_its_parquet(tmp_path, of_parquet, name):
    KINDS[name](shop(), tmp_path / name)
    tables, said = outcome(tmp_path / name, tmp_path / "out")
    expected, expected_said = of_parquet
    assert tables.keys() == expected.keys()
    assert tables["scores/refused.parquet"].height > 6
    for table in tables:
        alike = pl.all().exclude("file", "found")
        assert_frame_equal(tables[table].select(alike), expected[table].select(alike), check_exact=True)
    assert said == expected_said
