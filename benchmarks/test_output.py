"""A million scored customers into files: by segment as a run writes them, and by a plain Polars sink."""

import polars as pl
import pytest

from benchmarks import data
from whalecurve import engine
from whalecurve.engine.publication.publish import write_customers


@pytest.fixture(scope="module")
def customers(folder, tmp_path_factory):
    """Scored customers in memory, sorted by id."""
    run = engine.score(data.orders(folder, 10_000_000), out=tmp_path_factory.mktemp("scored") / "scores")
    return pl.read_parquet(run.out / "customers").sort("customer_id")


def by_whalecurve(customers, folder):
    folder.mkdir()
    write_customers(customers.lazy(), folder / "customers", "hive")
    return folder / "customers"


def by_polars(customers, folder):
    folder.mkdir()
    customers.lazy().sink_parquet(folder / "customers.parquet")
    return folder / "customers.parquet"


WORK = {"whalecurve": by_whalecurve, "Polars, one file": by_polars}


def test_both_write_the_same_customers(customers, tmp_path):
    for name, write in WORK.items():
        written = pl.read_parquet(write(customers, tmp_path / name)).sort("customer_id")
        assert written.select(customers.columns).equals(customers), name


@pytest.mark.parametrize("name", WORK)
def test_output(timed, customers, tmp_path_factory, name):
    write = WORK[name]
    group = "output, 1e+06 customers"
    timed(group, name, lambda: write(customers, tmp_path_factory.mktemp("out") / "x"), rounds=5)
