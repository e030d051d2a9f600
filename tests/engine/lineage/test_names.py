from pathlib import Path

import pytest

from whalecurve.engine.lineage.names import named


@pytest.mark.parametrize(
    ("path", "namespace", "name"),
    [
        ("/data/orders.parquet", "file", "/data/orders.parquet"),
        (Path("/data/orders"), "file", "/data/orders"),
        ("s3://shop/orders/a.parquet", "s3://shop", "orders/a.parquet"),
        (Path("s3://shop/orders"), "s3://shop", "orders"),
        ("gs://shop/scores/", "gs://shop", "scores"),
        ("abfss://box@account.dfs.core.windows.net/a/b", "abfss://box@account.dfs.core.windows.net", "a/b"),
        ("s3://shop", "s3://shop", "/"),
        ("postgresql://analyst:secret@db/shop", "postgres://db:5432", "shop"),
        ("postgres://analyst@db:6432/shop", "postgres://db:6432", "shop"),
        ("https://files.example/a/orders.csv", "https://files.example", "a/orders.csv"),
    ],
)
def test_a_dataset_is_named_by_where_it_lies_and_what_it_is_called_there(path, namespace, name):
    assert named(path) == {"namespace": namespace, "name": name}


def test_a_relative_path_is_that_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert named("orders.csv") == {"namespace": "file", "name": str(tmp_path / "orders.csv")}
