"""One log in files of any kind, or in a frame, has one result, to the last bit."""

import gzip
import json

import duckdb
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


def in_duckdb(lines):
    connection = duckdb.connect()
    connection.register("lines", lines.to_arrow())
    return connection.sql("SELECT * FROM lines")


FRAMES = {
    "Polars": lambda lines: lines,
    "Polars, lazy": lambda lines: lines.lazy(),
    "pandas": lambda lines: lines.to_pandas(),
    "Arrow": lambda lines: lines.to_arrow(),
    "DuckDB": in_duckdb,
}


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
    assert_same(outcome(tmp_path / name, tmp_path / "out"), of_parquet)


@pytest.mark.parametrize("library", FRAMES)
def test_a_frame_is_scored_as_its_parquet(tmp_path, of_parquet, library):
    assert_same(outcome(FRAMES[library](shop()), tmp_path / "out"), of_parquet)


def assert_same(one, other):
    (tables, said), (expected, expected_said) = one, other
    assert tables.keys() == expected.keys()
    assert tables["scores/refused.parquet"].height > 6
    for table in tables:
        alike = pl.all().exclude("file", "found")
        assert_frame_equal(tables[table].select(alike), expected[table].select(alike), check_exact=True)
    assert said == expected_said


def jobs(orders, folder, customers):
    """What every other job makes of the orders, but for how their files are called and how large they are."""
    engine.score(orders, out=folder / "scores", layout="flat", max_refused=1.0)
    engine.measure(orders, out=folder / "over-time", by=("city",), max_refused=1.0)
    found = [
        engine.check_orders(orders),
        engine.validate(orders, holdout_days=90, max_refused=1.0),
        engine.explain(orders, "Champions", ("city",), max_refused=1.0),
        engine.profile(folder / "scores", segment="Champions", orders=orders, customers=customers),
    ]
    over_time = {path.name: pl.read_parquet(path).rows() for path in sorted(folder.rglob("measures/*.parquet"))}
    return [plain(job.to_dict()) for job in found], over_time


def plain(record):
    """A record without files, sizes and timings."""
    if isinstance(record, dict):
        apart = ("bytes", "inputs", "timings", "created", "id", "scores", "orders", "columns", "file")
        return {key: plain(value) for key, value in record.items() if key not in apart}
    return [plain(value) for value in record] if isinstance(record, list | tuple) else str(record)


def test_every_job_takes_text_and_frames(tmp_path):
    lines = shop()
    customers = lines.select("customer_id").drop_nulls().unique(maintain_order=True).with_row_index("age")
    for name, write in (("a.parquet", pl.DataFrame.write_parquet), ("a.csv", pl.DataFrame.write_csv)):
        write(lines, tmp_path / name)
        write(customers, tmp_path / f"customers-{name}")
    of_parquet = jobs(tmp_path / "a.parquet", tmp_path / "1", tmp_path / "customers-a.parquet")
    assert jobs(tmp_path / "a.csv", tmp_path / "2", tmp_path / "customers-a.csv") == of_parquet
    assert jobs(lines.to_pandas(), tmp_path / "3", customers.to_arrow()) == of_parquet
    assert jobs(lines.lazy(), tmp_path / "4", customers.lazy()) == of_parquet
