"""Delta Lake and Iceberg tables: the rows of their current version, and of nothing else in their directory."""

import os
import shutil
import sys

import polars as pl
import pytest
from deltalake import DeltaTable

from tests.support.logs import log, simple_log
from tests.support.tables import delta_table, iceberg_table, with_deletion_vector
from whalecurve import engine
from whalecurve.engine.order_files.files import find_files
from whalecurve.engine.order_files.tables import NUMBERED

LINES = simple_log(3_000, 200, seed=5)
KEPT = LINES.filter(pl.col("amount") >= 0)


def rows_of(orders, columns=tuple(LINES.columns)):
    """What is read of a log, in an order of its own."""
    (file,) = find_files(orders)
    assert file.kind == "table"
    rows = file.source.select(columns).collect()
    assert file.n_rows == rows.height
    return rows.sort("order_id", "margin", "amount")


def refusal(orders):
    with pytest.raises(engine.InputError) as caught:
        engine.scan_orders(orders)
    return str(caught.value)


def as_sorted(lines):
    return lines.sort("order_id", "margin", "amount")


def test_a_delta_table_has_the_rows_of_its_last_version(tmp_path):
    table = delta_table(tmp_path / "t", LINES[:1000], LINES[1000:])
    assert rows_of(table).equals(as_sorted(LINES))
    DeltaTable(str(table)).delete("amount < 0")
    assert rows_of(table).equals(as_sorted(KEPT))
    (inputs,) = engine.scan_orders(table).inputs
    assert inputs == {"path": str(table), "rows": KEPT.height, "bytes": None, "format": "delta", "version": 2}


def test_partitions_of_a_delta_table_and_columns_that_came_later_are_there(tmp_path):
    shops = LINES.with_columns(shop=pl.Series(["north", "süd 1/2", None] * 1000))
    table = delta_table(tmp_path / "a table", shops, LINES.with_columns(channel=pl.lit("web")), partition_by=["shop"])
    lines = engine.scan_orders(table, engine.Columns(), ["shop", "channel"]).lines.collect()
    counts = {tuple(key): n for *key, n in lines.group_by("dim:shop", "dim:channel").len().rows()}
    assert counts == {
        ("north", None): 1000, ("süd 1/2", None): 1000, (None, None): 1000, (None, "web"): 3000
    }  # fmt: skip


def test_rows_that_a_deletion_vector_marks_are_gone(tmp_path):
    table = delta_table(tmp_path / "t", log())
    with_deletion_vector(table, [1, 4])
    orders = engine.scan_orders(table)
    assert orders.lines.collect()["amount"].to_list() == [1.0, 3.0, 4.0, 6.0]
    assert engine.audit_orders(orders, engine.Window()).n_read == 4


def test_deletion_vectors_are_not_looked_for_where_they_would_not_be_found(tmp_path):
    table = delta_table(tmp_path / "my table", log())
    with_deletion_vector(table, [1])
    assert "with deletion vectors, in a directory whose name is more than" in refusal(table)


def test_what_is_written_after_a_table_was_opened_is_not_read(tmp_path):
    table = delta_table(tmp_path / "t", log())
    orders = engine.scan_orders(table)
    delta_table(tmp_path / "t", log())
    assert orders.lines.collect().height == 6
    assert engine.scan_orders(table).lines.collect().height == 12


def test_an_iceberg_table_has_the_rows_of_its_last_snapshot(tmp_path):
    table = iceberg_table(tmp_path / "a table", LINES[:1000], LINES[1000:])
    assert rows_of(tmp_path / "a table").equals(as_sorted(LINES))
    table.delete("amount < 0")
    assert rows_of(tmp_path / "a table").equals(as_sorted(KEPT))
    (inputs,) = engine.scan_orders(tmp_path / "a table").inputs
    assert (inputs["format"], inputs["snapshot"]) == ("iceberg", str(table.current_snapshot().snapshot_id))


def test_renamed_and_new_columns_of_an_iceberg_table_are_read_by_their_new_names(tmp_path):
    table = iceberg_table(tmp_path / "t", LINES)
    with table.update_schema() as schema:
        schema.rename_column("amount", "net")
    table.append(LINES.rename({"amount": "net"}).to_arrow())
    orders = engine.scan_orders(tmp_path / "t", engine.Columns(amount="net"))
    assert orders.lines.collect()["amount"].sum() == pytest.approx(2 * LINES["amount"].sum(), rel=1e-12)


def test_a_metadata_file_of_an_iceberg_table_names_the_version_to_read(tmp_path):
    iceberg_table(tmp_path / "t", LINES[:1000], LINES[1000:])
    first, second, third = sorted((tmp_path / "t" / "metadata").glob("*.metadata.json"))
    assert engine.scan_orders(first).n_rows == 0
    assert rows_of(second).equals(as_sorted(LINES[:1000]))
    assert rows_of(third).equals(rows_of(tmp_path / "t"))


def test_a_version_hint_tells_the_metadata_of_a_table_without_a_catalog(tmp_path):
    iceberg_table(tmp_path / "t", LINES[:1000], LINES[1000:])
    folder = tmp_path / "t" / "metadata"
    for n, path in enumerate(sorted(folder.glob("*.metadata.json"))):
        path.rename(folder / f"v{n}.metadata.json")
    assert rows_of(tmp_path / "t").equals(as_sorted(LINES))
    (folder / "version-hint.text").write_text("1")
    assert rows_of(tmp_path / "t").equals(as_sorted(LINES[:1000]))


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("00012-0b9c.metadata.json", 12), ("v3.metadata.json", 3), ("v10.gz.metadata.json", 10),
        ("00002-ab.metadata.json.gz", 2), ("snap-1.avro", None), ("metadata.json", None),
    ],
)  # fmt: skip
def test_metadata_files_are_numbered(name, number):
    match = NUMBERED.fullmatch(name)
    assert (match and int(match[1])) == number


def test_conditions_are_answered_by_the_rows_of_a_table_and_not_by_its_statistics(tmp_path):
    table = delta_table(tmp_path / "t", log(amount=[-5.0, 1.0, 2.0, 3.0, 4.0, 6.0]))
    commit = next((table / "_delta_log").glob("*.json"))
    commit.write_text(commit.read_text().replace('\\"amount\\":-5.0', '\\"amount\\":1.0'))
    assert '\\"amount\\":1.0' in commit.read_text()
    lines = engine.scan_orders(table, engine.Columns(where="amount < 0")).lines.collect()
    assert lines["amount"].to_list() == [-5.0]


def test_tables_stand_beside_files_and_are_matched_by_patterns(tmp_path):
    delta_table(tmp_path / "lake" / "a", log())
    iceberg_table(tmp_path / "lake" / "b", log())
    log().write_parquet(tmp_path / "c.parquet")
    orders = engine.scan_orders([tmp_path / "lake" / "?", tmp_path / "c.parquet"])
    assert [file.path.removeprefix(f"{tmp_path}/") for file in orders.files] == ["c.parquet", "lake/a", "lake/b"]
    assert orders.paths == [file.path for file in orders.files]
    assert engine.audit_orders(orders, engine.Window()).n_read == 18


def test_a_directory_above_a_table_is_refused_with_the_way_out(tmp_path):
    delta_table(tmp_path / "lake" / "a", log())
    message = f"{tmp_path}/lake/a: a Delta Lake table, whose directory also holds replaced rows; name the table alone"
    assert refusal(tmp_path / "lake") == message
    assert refusal(tmp_path / "lake" / "a" / "*.parquet") == message


@pytest.mark.parametrize(("make", "extra"), [(delta_table, "delta"), (iceberg_table, "iceberg")])
def test_without_the_extra_the_message_says_which_to_install(tmp_path, monkeypatch, make, extra):
    make(tmp_path / "t", log())
    module = {"delta": "deltalake", "iceberg": "pyiceberg"}[extra]
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NotInstalled(module), *sys.meta_path])
    message = refusal(tmp_path / "t")
    assert message.startswith(f"{tmp_path}/t: a")
    assert message.endswith(f", which needs {module}; install it: pip install 'whalecurve[{extra}]'")


class NotInstalled:
    """Finds no module of a library, as where it is not installed."""

    def __init__(self, library):
        self._library = library

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == self._library:
            raise ModuleNotFoundError(f"No module named '{self._library}'", name=self._library)


def test_a_damaged_table_is_one_line(tmp_path):
    table = delta_table(tmp_path / "t", log())
    (data,) = table.glob("*.parquet")
    data.unlink()
    assert refusal(table).startswith(f"{table}: a Delta Lake table that cannot be read (")
    (table / "_delta_log" / f"{0:020}.json").write_text("{}\n")
    assert refusal(table).startswith(f"{table}: a Delta Lake table that cannot be read (")
    iceberg_table(tmp_path / "i", log())
    shutil.rmtree(tmp_path / "i" / "data")
    with pytest.raises(engine.InputError, match=r"/i: cannot be read to its end .*; check what it is made of$"):
        engine.check_orders(tmp_path / "i")
    for path in (tmp_path / "i" / "metadata").glob("*.json"):
        os.truncate(path, 10)
    assert refusal(tmp_path / "i").startswith(f"{tmp_path}/i: an Iceberg table that cannot be read (")


def test_a_state_cannot_tell_the_lines_of_a_table_apart(tmp_path):
    table = delta_table(tmp_path / "t", log())
    with pytest.raises(engine.InputError, match="orders in a table cannot be told apart; write them to files first"):
        engine.score(table, out=tmp_path / "scores", state=tmp_path / "state")
