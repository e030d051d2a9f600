"""An order log of any kind of files as Parquet."""

import gzip

import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.support.logs import log, simple_log, write
from whalecurve import engine
from whalecurve.engine.conversion import convert as conversion

TEXT = "customer_id;order_ts;amount;sku;city\n007;2024-01-31 10:00;12,50;1;Köln\n8;2024-02-01 11:30;3;2;\n"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def text(path, content=TEXT, encoding="utf-8"):
    with open(path, "w", encoding=encoding) as file:  # noqa: PTH123 - a relative name, as a user gives it
        file.write(content)
    return path


def refusal(*args, **options):
    with pytest.raises(engine.InputError) as caught:
        engine.convert(*args, **options)
    return str(caught.value)


def converted(folder):
    return pl.read_parquet(f"{folder}/[!_]*.parquet")


def test_columns_are_of_the_types_that_their_cells_have_and_ids_are_text():
    done = engine.convert(text("log.csv"), "orders")
    assert done.columns == {
        "customer_id": "String", "order_ts": "Datetime(time_unit='us', time_zone=None)", "amount": "Float64",
        "sku": "Int64", "city": "String",
    }  # fmt: skip
    assert converted("orders").select("customer_id", "amount", "sku", "city").rows() == [
        ("007", 12.5, 1, "Köln"), ("8", 3.0, 2, None)
    ]  # fmt: skip
    assert (done.n_rows, done.n_files, done.n_left_out) == (2, 1, 0)
    assert engine.convert("log.csv", "again", text=["sku"]).columns["sku"] == "String"
    ids = engine.Columns(customer="sku", order="UPPER(city)")
    assert engine.convert("log.csv", "third", columns=ids).columns["sku"] == "String"


@pytest.mark.parametrize(("order", "dtype"), [(None, "String"), ("", "Int64")])
def test_a_log_without_an_order_id_keeps_no_column_as_one(order, dtype):
    text("log.csv", "customer_id,order_ts,amount,order_id\n1,2024-01-01,2.5,17\n2,2024-01-02,3.5,18\n")
    done = engine.convert("log.csv", "orders", columns=engine.Columns(order=order))
    assert (done.columns["customer_id"], done.columns["order_id"]) == ("String", dtype)


def test_a_converted_log_has_the_result_of_the_log(tmp_path):
    lines = simple_log(2_000, 90, seed=5).with_columns(pl.format("C{}", "customer_id").alias("customer_id"))
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(lines.write_csv().encode()))
    engine.convert("log.csv.gz", "orders")
    before, after = (engine.score(path, out=f"of-{path}", layout="flat") for path in ("log.csv.gz", "orders"))
    assert before.model == after.model
    tables = [pl.read_parquet(f"of-{path}/customers") for path in ("log.csv.gz", "orders")]
    assert tables[0].equals(tables[1])


def test_files_are_cut_into_groups_and_lines_keep_their_order(monkeypatch):
    monkeypatch.setattr(conversion, "ROWS_PER_FILE", 1_000)
    monkeypatch.setattr(conversion, "ROW_GROUP", 400)
    lines = simple_log(2_500, 90, seed=5)
    lines.write_csv("log.csv")
    done = engine.convert("log.csv", "orders", text=["customer_id"])
    parts = [pq.ParquetFile(f"orders/{name}") for name in sorted(p.name for p in done.path.iterdir())]
    assert [part.metadata.num_rows for part in parts] == [1_000, 1_000, 500]
    assert parts[0].metadata.row_group(0).num_rows <= 400
    assert parts[0].metadata.row_group(0).column(0).compression == "ZSTD"
    assert converted("orders")["order_ts"].equals(lines["order_ts"])


def test_files_of_several_kinds_become_one_log():
    write(conversion.Path("a.parquet"))
    log().write_csv("b.csv")
    log(city=pl.lit("Bern")).write_ipc("c.arrow")
    engine.convert(["a.parquet", "b.csv", "c.arrow"], "orders")
    nowhere = log(city=pl.lit(None, pl.String))
    assert converted("orders").equals(pl.concat([nowhere, nowhere, log(city=pl.lit("Bern"))]))


def test_a_line_that_cannot_be_read_is_an_error_unless_it_is_to_be_left_out(monkeypatch):
    monkeypatch.setattr("whalecurve.engine.formats.text_files.SAMPLE_ROWS", 2)
    text("log.csv", TEXT + "9;2024-02-02 09:00;twelve;3;Rom\n10;2024-02-02 09:00;12;4\n11;2024-02-02 09:00;12;4;Bari\n")
    assert refusal("log.csv", "orders") == (
        'log.csv: row 2 cannot be read (amount "twelve"); fix it, or leave out what cannot be read with '
        "skip_unreadable=True"
    )
    assert not conversion.Path("orders").exists()
    done = engine.convert("log.csv", "orders", skip_unreadable=True)
    assert (done.n_rows, done.n_left_out) == (3, 2)
    assert converted("orders")["customer_id"].to_list() == ["007", "8", "11"]
    assert pl.read_parquet("orders/_unreadable.parquet").rows() == [
        ("log.csv", 2, 'amount "twelve"'), ("log.csv", 3, "4 cells, expected 5")
    ]  # fmt: skip
    assert engine.audit_orders(engine.scan_orders("orders"), engine.Window()).n_read == 3


def test_another_encoding_is_named():
    text("log.csv", encoding="latin-1")
    assert refusal("log.csv", "orders") == (
        "log.csv: not UTF-8 (byte 0xf6 in line 2); convert it by `whalecurve convert` with its encoding, as "
        'encoding="latin-1"'
    )
    engine.convert("log.csv", "orders", encoding="latin-1")
    assert converted("orders")["city"].to_list() == ["Köln", None]
    assert refusal("log.csv", "other", encoding="klingon") == (
        '`encoding` "klingon" is unknown; give one as latin-1, cp1252 or utf-16'
    )
    assert refusal("log.csv", "other", encoding="rot13").startswith('`encoding` "rot13" is unknown')


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path):
    text("log.csv")
    (tmp_path / "full").mkdir()
    text("full/mine.txt")
    assert refusal("log.csv", "full") == "full: the directory is not empty; choose another, or remove it"
    assert refusal("log.csv", "log.csv") == "log.csv: there is a file of that name; choose another directory"
    assert refusal("log.csv", "orders.parquet").startswith("orders.parquet: the name of a file, and a directory")
    assert refusal("log.csv", "orders", text=["size"]).startswith('log.csv: no column "size", which `text` names; ')
    assert refusal(text("none.csv", "a,b\n"), "orders").startswith("none.csv: no rows at all")
    cut = gzip.compress(simple_log(50_000, 9, seed=1).write_csv().encode())[:-1_000]
    (tmp_path / "cut.csv.gz").write_bytes(cut)
    assert "cut.csv.gz: " in refusal("cut.csv.gz", "orders")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cut.csv.gz", "full", "log.csv", "none.csv"]
