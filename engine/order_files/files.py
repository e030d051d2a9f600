"""Which files an order log is made of, and what each file says of itself."""

import glob
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from whalecurve.engine.databases import database_of, without_password
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.formats import (
    DELTA,
    FAULT,
    HUDI,
    ICEBERG,
    format_of,
    n_records,
    of_one_kind,
    readable_batches,
    refuse_tables,
    rows_by_arrow,
    typed_records,
)
from whalecurve.engine.object_stores import scan_options
from whalecurve.engine.order_files.column_types import plain_values
from whalecurve.engine.order_files.footers import OrderFile, read_footer, read_object, scan_url
from whalecurve.engine.order_files.frames import THE_FRAME, Frame, frame_file, is_frame
from whalecurve.engine.order_files.names import free_name
from whalecurve.engine.order_files.objects import objects_behind
from whalecurve.engine.order_files.patterns import Walk, entries_of, matching
from whalecurve.engine.order_files.queries import Query, answer_file
from whalecurve.engine.order_files.tables import is_metadata, open_table, unpruned
from whalecurve.engine.order_files.text_types import with_types
from whalecurve.engine.paths import irregular, is_object_url, is_url, is_web_url, refuse_impossible, unfolded
from whalecurve.engine.publication import is_result
from whalecurve.engine.runtime import lazy_tables, refuse_lost_pool

Source = str | os.PathLike[str] | Frame | Query
Paths = Source | Sequence[Source] | Sequence[OrderFile]
"""Where orders are, or the orders themselves; or files that were found before."""

MEND = "fix it"
PATTERN = "named like a pattern of names"
NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def find_files(orders: Paths) -> list[OrderFile]:
    """Files behind paths, directories, globs and URLs, in path order, each once, then frames; see `find_all`."""
    return find_all(orders).files


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFiles:
    """The order files behind some paths, and the other files of directories, which are passed over for their names.

    A directory is read as files of one kind: Parquet where it has any, else Arrow, else text.
    """

    files: list[OrderFile]
    passed_over: tuple[str, ...]


def find_all(orders: Paths | Sequence[OrderFile], encoding: str | None = None) -> FoundFiles:
    """Files behind paths, directories, globs and URLs, in path order, each once; then tables, queries and frames.

    Found files stay so. A directory of a Delta Lake or Iceberg table is read as that table.

    In directories and globs, hidden files, a writer's side files (`_SUCCESS`) and whalecurve's own results are
    no order files. `encoding` is that of text files; None: UTF-8, or what a byte order mark says.

    Raises
    ------
    InputError
        A path that does not exist, a directory or glob without files of orders, a file that cannot be read; a forked
        child of a process that had used Polars.
    """
    refuse_lost_pool()
    given = [orders] if isinstance(orders, str | os.PathLike | Query) or is_frame(orders) else _listed(orders)
    found = [file for file in given if isinstance(file, OrderFile)]
    if found:
        return FoundFiles(files=found, passed_over=())
    if not given:
        raise InputError("no order files given; name files, directories or globs")
    by_real_path: dict[str, str] = {}
    others: list[str] = []
    named_paths = [_path(path) for path in given if not (is_frame(path) or isinstance(path, Query))]
    objects, tables_behind = objects_behind([path for path in named_paths if is_object_url(path)], others)
    for path in (path for path in named_paths if not is_object_url(path)):
        for file in _expanded(path, others):
            by_real_path.setdefault(file if is_url(file) else os.path.realpath(file), file)
    tables = {path: kind for path in by_real_path.values() if (kind := _table_kind(path))}
    tables |= dict.fromkeys(tables_behind, DELTA)
    paths = sorted(path for path in by_real_path.values() if path not in tables)
    refuse_tables([path for path in paths if not is_url(path)])
    with ThreadPoolExecutor(max_workers=8) as pool:
        files = [*pool.map(partial(read_footer, encoding=encoding), paths), *pool.map(read_object, objects)]
    passed_over = {path if is_url(path) else os.path.realpath(path): path for path in others}
    kept = tuple(sorted(path for real, path in passed_over.items() if real not in by_real_path))
    others_than_files = [_without_patterns(open_table(path, kind)) for path, kind in sorted(tables.items())]
    others_than_files += [_without_patterns(answer_file(query)) for query in given if isinstance(query, Query)]
    files = [*_with_partitions(files), *others_than_files, *_frames(given)]
    return FoundFiles(files=with_types(files), passed_over=kept)


def _table_kind(path: str) -> str | None:
    """The format of the table that a path names: its directory, or a file of an Iceberg table's metadata."""
    if is_url(path):
        return None
    if Path(path).is_dir():
        return format_of(Path(path))
    is_of_iceberg = is_metadata(path) and format_of(Path(path).absolute().parent.parent) == ICEBERG
    return ICEBERG if is_of_iceberg else None


def _listed(orders: object) -> list[object]:
    return list(orders) if isinstance(orders, Iterable) and not isinstance(orders, Mapping | bytes) else [orders]


def _path(path: object) -> str:
    if isinstance(path, str | os.PathLike):
        return unfolded(path)
    raise InputError(
        f"orders: {type(path).__name__} is neither a path nor a frame; give paths, or a frame of Polars, pandas, "
        f"Arrow or DuckDB"
    )


def _frames(given: Sequence[object]) -> list[OrderFile]:
    frames = [source for source in given if is_frame(source)]
    names = [THE_FRAME] if len(frames) == 1 else [f"frame {n}" for n in range(1, len(frames) + 1)]
    return [_without_patterns(frame_file(source, name)) for source, name in zip(frames, names, strict=True)]


def named(files: Sequence[OrderFile]) -> str:
    """What messages call a log of these files."""
    return files[0].path if len(files) == 1 else f"{files[0].path} and {len(files) - 1} more"


def scan_file(file: OrderFile, *, advice: str | None = None) -> pl.LazyFrame:
    """The rows of a file, with the columns of its path, but those that cannot be read.

    A cell of text that cannot be read is null, or, with `advice`, an InputError that ends so once the rows are read.
    """
    if file.source is not None:
        return file.source.select(name for name in file.schema if name not in file.unreadable)
    if is_web_url(file.path):
        return scan_url(file.path)
    if file.layout is not None:
        lines = scan_text([file], file.schema, FAULT, advice=advice)
        return lines.select(list(file.schema))
    if file.is_odd or file.kind == "arrow":
        return scan_odd(file, [name for name in file.schema if name not in file.unreadable])
    return pl.scan_parquet(
        file.path,
        hive_partitioning=bool(file.partitions),
        glob=False,
        use_statistics=False,
        **scan_options(file.path),
    )


def scan_unpruned(file: OrderFile, columns: list[str]) -> pl.LazyFrame:
    """The named columns of what is no file, so that no statistics decide which rows meet a condition."""
    rows = scan_file(file).select(columns)
    return unpruned(rows) if file.kind == "table" else rows


def scan_alike(files: Sequence[OrderFile], types: dict[str, pl.DataType], *, advice: str | None = MEND) -> pl.LazyFrame:
    """The rows of files in these types, in their order; null where a file has no such column.

    A line of text that cannot be read is an InputError that ends with `advice` once the rows are read; with None, it is
    left out.
    """
    return pl.concat([_in_types(file, types, advice) for file in files])


def _in_types(file: OrderFile, types: dict[str, pl.DataType], advice: str | None) -> pl.LazyFrame:
    if file.layout is not None and advice is None:
        fault = free_name(FAULT, types)
        return scan_text([file], types, fault).filter(pl.col(fault).is_null()).select(list(types))
    return scan_file(file, advice=advice).select(
        (plain_values(name, file.schema[name])[0] if name in file.schema else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in types.items()
    )


def scan_odd(file: OrderFile, columns: list[str]) -> pl.LazyFrame:
    """The named columns of a file that Arrow reads, in order; and those of its path."""
    read = readable_batches if file.kind == "arrow" else rows_by_arrow
    own = [name for name in columns if name not in file.partitions]
    types = {name: file.schema[name] for name in own}

    def tables(asked: list[str] | None) -> Iterator[pl.DataFrame]:
        names = own if asked is None else asked
        for table in read(file.path, names):  # times of 96 bits come in another type than the writer says
            yield table.cast({name: types[name] for name in names})

    lines = lazy_tables(tables, pl.Schema(types))
    return lines.with_columns(_partition(file, name) for name in file.partitions)


def scan_text(
    files: list[OrderFile],
    types: dict[str, pl.DataType],
    fault: str,
    *,
    advice: str | None = None,
    file_name: str | None = None,
    row_name: str | None = None,
) -> pl.LazyFrame:
    """Columns of text files in these types, in file order; a file that lacks one has nulls there.

    `fault` says what of a row cannot be read in any of them, whether or not it is asked for; null where all can. With
    `advice`, such a row is an InputError that ends so.
    `file_name` and `row_name` are columns for the path, and for the row below the names in its file.
    """
    places = {name: dtype for name, dtype in ((file_name, pl.String()), (row_name, pl.Int64())) if name is not None}
    schema = types | {fault: pl.String()} | places

    def tables(asked: list[str] | None) -> Iterator[pl.DataFrame]:
        names = list(schema) if asked is None else asked
        read = types if advice is not None or fault in names else {name: types[name] for name in names if name in types}
        for file in files:
            start = 0
            for table in _text_tables(file, read, fault, advice):
                rows = pl.int_range(start, start + table.height, dtype=pl.Int64)
                beside = {file_name: pl.lit(file.path), row_name: rows}
                yield table.with_columns(beside[name].alias(name) for name in places).select(names)
                start += table.height

    return lazy_tables(tables, pl.Schema(schema))


def _text_tables(
    file: OrderFile, types: dict[str, pl.DataType], fault: str, advice: str | None
) -> Iterator[pl.DataFrame]:
    assert file.layout is not None, "a text file has a layout"
    own = {name: dtype for name, dtype in types.items() if name in file.layout.names and name not in file.partitions}
    others = [
        (_partition(file, name) if name in file.partitions else pl.lit(None).alias(name)).cast(dtype)
        for name, dtype in types.items()
        if name not in own
    ]
    n_read = 0
    for table in typed_records(file.path, file.layout, own, fault):
        if advice is not None and table[fault].null_count() < table.height:
            row = int(table[fault].is_not_null().arg_true()[0])
            raise InputError(f"{file.path}: row {n_read + row:,} cannot be read ({table[fault][row]}); {advice}")
        yield table.with_columns(others)
        n_read += table.height


def count_rows(files: Sequence[OrderFile]) -> int:
    """Rows of files, which are read for it where they do not say."""
    urls = [scan_file(file).select(pl.len()) for file in files if file.n_rows is None and file.layout is None]
    behind_urls = sum(int(count.item()) for count in pl.collect_all(urls))
    texts = (file for file in files if file.layout is not None and file.n_rows is None)
    in_texts = sum(n_records(file.path, file.layout) for file in texts if file.layout is not None)
    return sum(file.n_rows or 0 for file in files) + behind_urls + in_texts


def _partition(file: OrderFile, name: str) -> pl.Expr:
    value = dict(part.split("=") for part in Path(file.path).parts[:-1] if part.count("=") == 1)[name]
    text = None if value == NO_PARTITION else unquote(value)
    return pl.lit(text, dtype=pl.String).cast(file.schema[name]).alias(name)


def _expanded(path: str, others: list[str]) -> list[str]:
    """The files behind a path; what else its directories hold goes to `others`."""
    if kind := database_of(path):
        raise InputError(
            f"{without_password(path)}: a {kind} database; say which rows are the order lines with "
            f"{setting('query', 'SELECT * FROM orders')}"
        )
    if is_url(path):
        return [path]
    refuse_impossible(path, path)
    if Path(path).is_dir():
        if format_of(Path(path)) not in (None, HUDI):
            return [path]
        files = _below(path, others)
        if not files:
            held = "only a whalecurve result" if _is_inside_result(path) else "no Parquet, Arrow or CSV file"
            raise InputError(f"{path}: a directory with {held} in it; name the directory that holds the orders")
        return files
    if Path(path).is_file():
        return [path]
    if kind := irregular(path):
        raise InputError(f"{path}: {kind}, neither a file nor a directory; name a file of orders")
    if glob.has_magic(path):
        return _matching(path, others)
    raise InputError(f"{path}: no such file or directory; check the path")


def _matching(pattern: str, others: list[str]) -> list[str]:
    files = []
    for match in matching(pattern):
        if Path(match).is_dir():
            files += [match] if format_of(Path(match)) not in (None, HUDI) else _below(match, others)
        elif not Path(match).name.startswith((".", "_")) and not _is_inside_result(match):
            files.append(match)
    if not files:
        raise InputError(f"{pattern}: the pattern matches no order file; check it, and quote it against the shell")
    return files


def _below(root: str, others: list[str]) -> list[str]:
    """Data files below a directory, through links too, but not in hidden directories and results; others apart."""
    if _is_inside_result(root):
        return []
    found: list[str] = []
    walk = Walk()
    walk.add(root)
    for directory, _ in walk:
        for entry in entries_of(directory):
            name = entry.path.rpartition("/")[2]
            if name.startswith((".", "_")):
                continue
            if not entry.is_directory:
                found.append(entry.path)
            elif not is_result(Path(entry.path)):
                walk.add(entry.path, is_linked=entry.is_link)
    files, passed_over = of_one_kind(found)
    others += passed_over
    return files


def _is_inside_result(path: str) -> bool:
    here = Path(path).absolute()
    return any(is_result(directory) for directory in (here, *here.parents))


def _with_partitions(files: list[OrderFile]) -> list[OrderFile]:
    """Add the columns of the paths, each of the type that all its values share."""
    keys = [_partition_names(file.path) for file in files]
    alike = {
        names: [file.path for file, own in zip(files, keys, strict=True) if own == names]
        for names in set(keys)
        if names
    }
    types = {
        names: pl.scan_parquet(_as_local(paths), schema={}, hive_partitioning=True, glob=False).collect_schema()
        for names, paths in alike.items()
    }
    return [
        _without_patterns(replace(file, partitions=names, schema=file.schema | {n: types[names][n] for n in names}))
        for file, names in zip(files, keys, strict=True)
    ]


def _as_local(paths: Iterable[str]) -> list[str]:
    """Paths whose types are told by their text: those of objects without a scheme, so that no store is asked."""
    return [f"/{path.partition('://')[2]}" if is_object_url(path) else path for path in paths]


def _without_patterns(file: OrderFile) -> OrderFile:
    """The file with those columns unreadable whose names are to Polars patterns of names, which stand for others."""
    patterns = {name: PATTERN for name in file.schema if name == "*" or (name.startswith("^") and name.endswith("$"))}
    return replace(file, unreadable=file.unreadable | patterns) if patterns else file


def _partition_names(path: str) -> tuple[str, ...]:
    if is_web_url(path):
        return ()
    named = (part.partition("=") for part in Path(path).parts[:-1] if part.count("=") == 1)
    return tuple(dict.fromkeys(name for name, _, value in named if "*" not in value))  # what Polars takes for one
