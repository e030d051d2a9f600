"""Results, orders and tables on Azure's blob storage."""

import base64
import os
from pathlib import Path

import polars as pl
import pytest

from tests.engine.publication.test_on_store import publish, refusal, words, write
from tests.support.azurite import ACCOUNT, KEY, azurite, new_container
from tests.support.logs import simple_log
from whalecurve import engine
from whalecurve.engine.object_stores import location_of, store_of
from whalecurve.engine.publication import published

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    with azurite(tmp_path_factory.mktemp("azurite")) as address:
        yield address


@pytest.fixture
def container(endpoint, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", endpoint)
    return new_container(endpoint)


def test_a_score_there_is_that_on_disk_and_its_state_and_tables_too(container, tmp_path):
    simple_log(2_000, n_customers=200, seed=6).write_parquet(tmp_path / "a.parquet")
    store_of(location_of(container)).put("orders/year=2024/a.parquet", tmp_path / "a.parquet")
    local = engine.score(tmp_path / "a.parquet", out=tmp_path / "scores")
    for _ in range(2):
        run = engine.score(
            f"{container}/orders", out=f"{container}/scores", overwrite=True, state=tmp_path / "state",
            tables=f"{container}/tables",
        )  # fmt: skip
    assert engine.open_run(f"{container}/scores").to_polars().equals(local.to_polars())
    assert run.manifest["inputs"][0]["path"] == f"{container}/orders/year=2024/a.parquet"
    assert set(run.manifest["tables"]["versions"].values()) == {1}
    (table,) = engine.scan_orders(
        f"{container}/tables/customers", engine.Columns(time="last_purchase", amount="value")
    ).files
    assert (table.n_rows, table.origin["version"]) == (local.to_polars().height, 1)
    assert table.schema["as_of"] == pl.Date()


def test_of_two_publishers_there_one_wins(container):
    out = f"{container}/scores"
    publish(out, "old")

    def lose():
        with published(Path(out)) as staging:
            write(staging, "late")
            publish(out, "early")

    assert refusal(lose) == f'out="{out}": another run wrote it meanwhile; choose another place, or run again'
    assert words(out) == {"early"}


def test_what_goes_wrong_there_is_told_in_a_line(container, monkeypatch):
    def listing(url):
        return refusal(store_of(location_of(url)).list, "x")

    assert listing("az://no-such-container").startswith(
        "az://no-such-container/x: there is no bucket no-such-container at"
    )
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", base64.b64encode(b"wrong-key-of-nobody").decode())
    assert "may not be listed with these credentials (403 Forbidden)" in listing(container)
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_KEY")
    assert listing(container).startswith(
        f"{container}/x: no credentials were found; set AZURE_STORAGE_ACCOUNT_NAME and"
    )
