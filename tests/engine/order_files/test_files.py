import gzip
import os
import socket
import sys
from datetime import date

import polars as pl
import pytest

from tests.support.logs import N_LINES, log, write, write_all
from whalecurve import engine
from whalecurve.engine.order_files.files import find_files


def paths(orders):
    return [file.path for file in find_files(orders)]


def refusal(orders):
    with pytest.raises(engine.InputError) as caught:
        find_files(orders)
    message = str(caught.value)
    assert "\n" not in message
    return message


def result(folder):
    """What a run leaves, as far as reading is concerned."""
    write(folder / "customers" / "a.parquet")
    for name in ("manifest.json", "model.json"):
        (folder / name).write_text("{}")
    return folder


def test_a_file_says_how_many_rows_and_bytes_it_has_and_of_which_types(tmp_path):
    path = write(tmp_path / "orders.parquet")
    (found,) = find_files(path)
    assert (found.path, found.n_rows, found.n_bytes) == (str(path), N_LINES, path.stat().st_size)
    assert found.schema == {"customer_id": pl.Int64(), "order_ts": pl.Date(), "amount": pl.Float64()}


def test_files_directories_and_patterns_mix_and_each_file_counts_once(tmp_path):
    folder = write_all(tmp_path / "orders", log(), log(), log())
    single = write(tmp_path / "z.parquet")
    (tmp_path / "link.parquet").symlink_to(folder / "p0.parquet")
    given = [single, folder / "p1.parquet", folder, str(folder / "*.parquet"), tmp_path / "link.parquet"]
    assert paths(given) == [str(folder / f"p{i}.parquet") for i in range(3)] + [str(single)]


def test_a_pattern_may_name_directories_and_cross_them(tmp_path):
    for month in ("2024-01", "2024-02"):
        write(tmp_path / month / "a.parquet")
    assert len(paths(str(tmp_path / "2024-*"))) == 2
    assert len(paths(str(tmp_path / "**" / "*.parquet"))) == 2


def test_brackets_and_stars_in_names_are_taken_as_they_stand(tmp_path):
    folder = tmp_path / "shop [1]"
    write(folder / "f*.parquet")
    write(folder / "f2.parquet", log().head(1))
    assert [file.n_rows for file in find_files(folder)] == [N_LINES, 1]
    assert [file.n_rows for file in find_files(folder / "f*.parquet")] == [N_LINES]


def test_hidden_files_and_side_files_are_no_orders_and_the_case_of_the_ending_does_not_matter(tmp_path):
    for name in ("_SUCCESS", ".hidden.parquet", "_temporary/a.parquet", ".staging/a.parquet", "notes.txt"):
        write(tmp_path / name)
    kept = sorted(str(write(tmp_path / name)) for name in ("a.PARQUET", "b.pq", "c.parq", "d.parquet/part-0.parquet"))
    assert paths(tmp_path) == kept
    write(tmp_path / "s" / "_metadata")
    kept_too = write(tmp_path / "s" / "part-0")
    assert paths(str(tmp_path / "s" / "*")) == [str(kept_too)]


def test_links_to_directories_are_followed_and_circles_end(tmp_path):
    write(tmp_path / "elsewhere" / "a.parquet")
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "january").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "round").symlink_to(tmp_path / "orders")
    assert paths(tmp_path / "orders") == [str(tmp_path / "orders" / "january" / "a.parquet")]


def test_results_below_the_orders_are_not_read_as_orders(tmp_path):
    own = write(tmp_path / "a.parquet")
    scores = result(tmp_path / "scores")
    assert paths(tmp_path) == [str(own)]
    assert paths(str(tmp_path / "**" / "*.parquet")) == [str(own)]
    assert paths(scores / "customers" / "a.parquet") == [str(scores / "customers" / "a.parquet")]


def test_a_result_given_as_orders_is_refused(tmp_path):
    scores = result(tmp_path / "scores")
    for orders in (scores, scores / "customers"):
        assert f"{orders}: a directory with only a whalecurve result in it" in refusal(orders)


def test_what_is_not_there_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "nope.parquet") == f"{tmp_path}/nope.parquet: no such file or directory; check the path"
    assert f"{tmp_path}/empty: a directory with no Parquet, Arrow or CSV file in it; name" in refusal(
        tmp_path / "empty"
    )
    assert f"{tmp_path}/x*.parquet: the pattern matches no order file; check it" in refusal(f"{tmp_path}/x*.parquet")
    assert f"{tmp_path}/pipe: a named pipe, neither a file nor a directory" in refusal(tmp_path / "pipe")
    assert "no order files given" in refusal([])


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PAR1", b"PAR1" + b"\x00" * 100 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_named_among_many(tmp_path, content):
    folder = write_all(tmp_path, log(), log(), log())
    (folder / "p1.parquet").write_bytes(content)
    message = refusal(folder)
    assert message.startswith(f"{folder}/p1.parquet: not a readable Parquet file (")
    assert message.endswith("; export the file again, or exclude it")


def test_a_truncated_file_is_named_among_many(tmp_path):
    folder = write_all(tmp_path, log(), log(), log())
    whole = (folder / "p2.parquet").read_bytes()
    (folder / "p2.parquet").write_bytes(whole[: len(whole) // 2])
    assert refusal(folder).startswith(f"{folder}/p2.parquet: not a readable Parquet file (")


def test_a_directory_that_may_not_be_listed_is_an_error_and_no_gap(tmp_path, monkeypatch):
    write_all(tmp_path, log())
    write(tmp_path / "closed" / "a.parquet")
    listing = os.scandir

    def guarded(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert refusal(tmp_path) == f"{tmp_path}/closed: cannot be read (Permission denied); check its permissions"


@pytest.mark.parametrize(
    ("inside", "kind"),
    [("_delta_log/0.json", "Delta Lake"), (".hoodie/a", "Hudi"), ("metadata/v1.metadata.json", "Iceberg")],
)
def test_a_table_format_that_keeps_replaced_rows_is_refused(tmp_path, inside, kind):
    write(tmp_path / "lake" / "table" / "a.parquet")
    mark = tmp_path / "lake" / "table" / inside
    mark.parent.mkdir()
    mark.write_text("{}")
    assert f"{tmp_path}/lake/table: a" in refusal(tmp_path / "lake")
    assert f"{kind} table, whose directory also holds replaced rows" in refusal(tmp_path / "lake")


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (("2023", "2024"), pl.Int64()),
        (("01", "1"), pl.Int64()),
        (("01", "north"), pl.String()),
        (("2024-01-01", "2024-01-02"), pl.Date()),
        (("2024-01", "2024-02"), pl.String()),
        (("7", "__HIVE_DEFAULT_PARTITION__"), pl.Int64()),
    ],
)
def test_a_partition_takes_the_type_that_all_its_values_share(tmp_path, values, dtype):
    for value in values:
        write(tmp_path / f"part={value}" / "a.parquet")
    files = find_files(tmp_path)
    assert [file.schema["part"] for file in files] == [dtype, dtype]
    assert [file.partitions for file in files] == [("part",), ("part",)]


def test_a_partition_inside_a_partition_and_files_beside_them(tmp_path):
    write(tmp_path / "year=2024" / "shop=north" / "a.parquet")
    write(tmp_path / "year=2024" / "b.parquet")
    write(tmp_path / "c.parquet")
    write(tmp_path / "a=b=c" / "d.parquet")
    found = {file.path.removeprefix(f"{tmp_path}/"): file.partitions for file in find_files(tmp_path)}
    assert found == {
        "a=b=c/d.parquet": (),
        "c.parquet": (),
        "year=2024/b.parquet": ("year",),
        "year=2024/shop=north/a.parquet": ("year", "shop"),
    }


def test_a_column_of_a_type_that_only_polars_knows_is_no_hindrance(tmp_path):
    (found,) = find_files(write(tmp_path / "a.parquet", big=pl.lit(1, dtype=pl.Int128)))
    assert (found.n_rows, found.schema["big"]) == (N_LINES, pl.Int128())


def test_urls_are_left_to_polars(tmp_path):
    write(tmp_path / "day=2024-01-01" / "a.parquet", log().drop("order_ts"))
    (found,) = find_files(f"file://{tmp_path}/day=2024-01-01/a.parquet")
    assert (found.n_rows, found.n_bytes, found.schema["day"]) == (None, None, pl.Date())
    summary = engine.customer_summary(engine.scan_orders(found.path, engine.Columns(time="day"))).collect()
    assert summary.sort("customer_id")["revenue"].to_list() == [3.0, 3.0, 15.0]
    assert summary["first_purchase"].unique().to_list() == [date(2024, 1, 1)]


def test_a_url_that_cannot_be_opened_is_named(tmp_path):
    assert refusal(f"file://{tmp_path}/nope.parquet").startswith(f"file://{tmp_path}/nope.parquet: no such file (")
    assert refusal("nosuch://bucket/a.parquet").startswith("nosuch://bucket/a.parquet: ")


def table(folder, inside):
    """A partitioned table of a format, relative to which `inside` marks it; the path of its one data file."""
    data = write(folder / "day=2024-01-01" / "a.parquet")
    mark = folder / inside
    mark.parent.mkdir()
    mark.write_text("{}\n")
    return data


FORMATS = [
    ("_delta_log/00000000000000000000.json", "Delta Lake"),
    (".hoodie/hoodie.properties", "Hudi"),
    ("metadata/v1.metadata.json", "Iceberg"),
]


@pytest.mark.parametrize(("inside", "kind"), FORMATS)
@pytest.mark.parametrize(
    "named",
    ["table/day=2024-01-01/*.parquet", "table/*/*.parquet", "**/*.parquet", "table/day=2024-01-01", "{data}"],
)
def test_a_table_format_is_refused_by_whatever_pattern_directory_or_file_it_is_named(
    tmp_path, monkeypatch, inside, kind, named
):
    data = table(tmp_path / "table", inside)
    assert refusal(named.format(data=data) if "{" in named else f"{tmp_path}/{named}").startswith(
        f"{tmp_path}/table: a"
    )
    monkeypatch.chdir(tmp_path)
    message = refusal(named.format(data=data.relative_to(tmp_path)))
    assert message.startswith("table: a")
    way_out = "export its current rows" if kind == "Hudi" else "name the table alone"
    assert f"{kind} table, whose directory also holds replaced rows; {way_out}" in message


@pytest.mark.parametrize(("inside", "kind"), FORMATS)
@pytest.mark.parametrize("named", ["table/*/*.parquet", "table/day=2024-01-01/a.parquet", "table/day=2024-01-01/"])
def test_a_table_format_behind_a_url_is_refused_too(tmp_path, inside, kind, named):
    table(tmp_path / "table", inside)
    message = refusal(f"file://{tmp_path}/{named}")
    assert message.startswith(f"file://{tmp_path}/table: a")
    assert f"{kind} table, whose directory also holds replaced rows" in message


def test_a_directory_behind_a_url_may_not_hold_a_table_further_down(tmp_path):
    table(tmp_path / "lake" / "table", "_delta_log/00000000000000000000.json")
    assert "a Delta Lake table" in refusal(f"file://{tmp_path}/lake/**/*.parquet")


def test_links_into_a_table_are_the_choice_of_who_made_them(tmp_path):
    data = table(tmp_path / "table", "_delta_log/0.json")
    (tmp_path / "current").mkdir()
    (tmp_path / "current" / "a.parquet").symlink_to(data)
    assert paths(tmp_path / "current") == [str(tmp_path / "current" / "a.parquet")]


@pytest.mark.parametrize("named", ["", "*.parquet", "**/*", "pipe.parquet"])
def test_a_pipe_among_the_orders_is_named_and_not_waited_for(tmp_path, named):
    write(tmp_path / "a.parquet")
    os.mkfifo(tmp_path / "pipe.parquet")
    assert refusal(tmp_path / named).startswith(f"{tmp_path}/pipe.parquet: a named pipe, ")


def test_sockets_devices_and_links_to_them_are_named(tmp_path):
    write(tmp_path / "a.parquet")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.parquet"))
        assert refusal(tmp_path).startswith(f"{tmp_path}/s.parquet: a socket, expected a file; move it elsewhere")
    (tmp_path / "s.parquet").unlink()
    (tmp_path / "zero.parquet").symlink_to("/dev/zero")
    assert refusal(tmp_path).startswith(f"{tmp_path}/zero.parquet: a device, expected a file;")
    assert refusal("/dev/zero") == "/dev/zero: a device, neither a file nor a directory; name a file of orders"


def test_directories_that_link_to_each_other_are_walked_once_by_patterns_too(tmp_path):
    for one, other in (("a", "b"), ("b", "a")):
        write(tmp_path / "orders" / one / f"{one}.parquet")
        (tmp_path / "orders" / one / f"to_{other}").symlink_to(tmp_path / "orders" / other)
        (tmp_path / "orders" / one / "again").symlink_to(tmp_path / "orders" / other)
    found = [str(tmp_path / "orders" / one / f"{one}.parquet") for one in "ab"]
    for orders in ("orders", "orders/**", "orders/**/*.parquet", "**/*.parquet", "*/*/*.parquet"):
        assert paths(f"{tmp_path}/{orders}") == found, orders


def test_of_a_directory_and_a_link_to_it_the_one_with_its_own_name_counts(tmp_path):
    write(tmp_path / "year=2024" / "a.parquet")
    (tmp_path / "latest").symlink_to(tmp_path / "year=2024")
    for orders in (tmp_path, f"{tmp_path}/**/*.parquet"):
        (found,) = find_files(orders)
        assert (found.path, found.partitions) == (f"{tmp_path}/year=2024/a.parquet", ("year",))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x" * 300, "no usable path (File name too long); correct it"),
        ("x/" * 3_000, "no usable path (File name too long); correct it"),
        ("x" * 300 + "*", "no usable path (File name too long); correct it"),
        ("a\0b", "the name holds a NUL character, which no file can have; correct it"),
        ("a\0*", "the name holds a NUL character, which no file can have; correct it"),
        ("caf\udce9.parquet", "the name is not UTF-8; rename it"),
        ("circle", "no usable path (Too many levels of symbolic links); correct it"),
        ("a\nb\x1b", "a b\\x1b: no such file or directory; check the path"),
    ],
)
def test_names_that_no_file_can_have_are_one_line(tmp_path, name, why):
    (tmp_path / "circle").symlink_to("circle")
    assert why in refusal(f"{tmp_path}/{name}")


def test_a_name_in_a_directory_that_is_no_utf8_is_named_with_its_code(tmp_path):
    write(tmp_path / "a.parquet").rename(tmp_path / "caf\udce9.parquet")
    assert refusal(tmp_path) == f"{tmp_path}/caf\\udce9.parquet: the name is not UTF-8; rename it"


def test_names_with_line_breaks_are_read(tmp_path):
    name = str(write(tmp_path / "a\nb.parquet"))
    assert paths(tmp_path) == [name]
    assert engine.check_orders(name).to_dict()["rows"]["used"] == N_LINES


@pytest.fixture
def closed_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        yield listening.getsockname()[1]  # bound, and nobody listens


def test_a_web_server_that_cannot_be_reached_is_named_without_ten_tries(monkeypatch, closed_port):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    url = f"http://127.0.0.1:{closed_port}/a.parquet"
    assert refusal(url) == f"{url}: cannot be reached (Connection refused); check the address and the network"


def test_an_object_store_that_cannot_be_reached_is_named_with_its_address(monkeypatch, closed_port):
    endpoint = f"http://127.0.0.1:{closed_port}"
    settings = {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "REGION": "us-east-1", "ENDPOINT_URL": endpoint}
    for name, text in settings.items():
        monkeypatch.setenv(f"AWS_{name}", text)
    assert refusal("s3://bucket/a.parquet") == (
        f"s3://bucket/a.parquet: {endpoint} cannot be reached; check the address and the network"
    )


def test_an_object_store_needs_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "obstore.store", raising=False)
    assert refusal("s3://another-bucket/a.parquet").startswith(
        "s3://another-bucket: on an object store, which needs obstore"
    )


def test_files_of_directories_that_are_of_other_kinds_than_the_first_are_passed_over_and_told(tmp_path):
    folder = write_all(tmp_path / "orders", log())
    for name in ("p1.csv", "deep/part-00000", "deep/x.parquet.tmp", "_SUCCESS", ".hidden", "_old/y.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    orders = engine.scan_orders(folder)
    assert orders.passed_over == tuple(
        f"{folder}/{name}" for name in ("deep/part-00000", "deep/x.parquet.tmp", "p1.csv")
    )
    assert engine.audit_orders(orders, engine.Window()).warnings == (
        "files of the directories that are not read, as a directory is read as files of one kind, told by their names: "
        f"3, as {folder}/deep/part-00000; if they hold orders, name them",
    )


def test_a_file_that_is_named_is_read_whatever_it_is_called_and_not_passed_over(tmp_path):
    folder = write_all(tmp_path / "orders", log())
    write(folder / "odd.name", log(amount=pl.lit(3.0)))
    orders = engine.scan_orders([folder, folder / "odd.name"])
    assert (len(orders.files), orders.passed_over) == (2, ())


KINDS = {
    "a.csv": lambda lines, path: lines.write_csv(path),
    "a.csv.gz": lambda lines, path: path.write_bytes(gzip.compress(lines.write_csv().encode())),
    "a.tsv": lambda lines, path: lines.write_csv(path, separator="\t"),
    "a.feather": lambda lines, path: lines.write_ipc(path, compression="lz4"),
    "a.arrows": lambda lines, path: lines.write_ipc_stream(path),
}


@pytest.mark.parametrize("name", KINDS)
def test_files_of_each_kind_are_found_as_files_in_directories_and_by_globs(tmp_path, name):
    folder = tmp_path / "orders" / "year=2024"
    folder.mkdir(parents=True)
    KINDS[name](log(), folder / name)
    KINDS[name](log(), folder / f"b{name}")
    for path in ([folder / name, folder / f"b{name}"], tmp_path / "orders", f"{tmp_path}/orders/*/*{name}"):
        orders = engine.scan_orders(path)
        assert [file.kind for file in orders.files] == ["arrow" if name[-1] in "rs" else "text"] * 2
        assert (
            orders.lines.select("time", "amount")
            .collect()
            .equals(pl.concat([log(), log()]).select(time="order_ts", amount="amount"))
        )
        assert orders.files[0].schema["year"] == pl.Int64()
        assert engine.audit_orders(orders, engine.Window()).n_read == 2 * N_LINES


def test_a_directory_is_read_as_files_of_one_kind(tmp_path):
    write(tmp_path / "a.parquet")
    log().write_csv(tmp_path / "b.csv")
    orders = engine.scan_orders(tmp_path)
    assert (orders.paths, orders.passed_over) == ([f"{tmp_path}/a.parquet"], (f"{tmp_path}/b.csv",))
    (tmp_path / "a.parquet").unlink()
    assert engine.scan_orders(tmp_path).paths == [f"{tmp_path}/b.csv"]


def test_kinds_that_are_named_together_are_one_log_with_the_types_of_those_that_have_types(tmp_path):
    paths = [write(tmp_path / "a.parquet"), tmp_path / "b.csv", tmp_path / "c.arrow"]
    log().write_csv(paths[1])
    log().write_ipc(paths[2])
    found = engine.scan_orders(paths).lines.collect()
    assert found["customer_id"].to_list() == log()["customer_id"].to_list() * 3
    assert found["time"].dtype == pl.Date


def test_text_and_arrow_are_read_from_local_files_alone():
    assert refusal("s3://bucket/a.csv") == (
        "s3://bucket/a.csv: of object stores, Parquet alone is read; copy it to a local file first"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.feather", b"ARROW1\0\0 and then", "not a readable Arrow file ("),
        ("a.csv", b"PK\x03\x04..", "a zip archive or a workbook; unpack it, or save its sheet as CSV"),
        ("a.xlsx", b"PK\x03\x04..", "a zip archive or a workbook; unpack it, or save its sheet as CSV"),
        ("a.csv", b"", "empty, without even names of columns; export the file again, or exclude it"),
        (
            "a.csv.gz",
            gzip.compress(b"customer_id,order_ts,amount\n" * 999, mtime=0)[:40],
            "cannot be read to its end (Truncated compressed stream); ",
        ),
        ("a.csv", "customer_id,city\n1,Köln\n".encode("latin-1"), "not UTF-8 (byte 0xf6 in line 2); "),
    ],
)
def test_what_cannot_be_read_as_its_kind_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).startswith(f"{tmp_path}/{name}: {message}")


def test_rows_of_compressed_text_are_estimated_by_its_content_whatever_it_is_called(tmp_path):
    packed = gzip.compress(b"customer_id,amount\n" + b"a,1.5\n" * 10_000)
    about = []
    for name in ("orders.csv.gz", "orders.csv"):
        (tmp_path / name).write_bytes(packed)
        about += [file.n_rows_about for file in find_files(tmp_path / name)]
    assert about[0] == about[1] > 0
