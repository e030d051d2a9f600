"""Order logs opened: the files found, and the mapping held against them."""

from collections.abc import Sequence
from dataclasses import replace

from whalecurve.engine.mapping import Dimensions, kept_lines, resolve
from whalecurve.engine.order_files import OrderFile, Paths, find_all
from whalecurve.engine.orders.attribute_cells import with_cells_pooled
from whalecurve.engine.orders.log import Orders, mapped_rows, scan_rows
from whalecurve.engine.orders.read_failures import failures_named
from whalecurve.engine.settings import Columns, Given, taken


def scan_orders(
    orders: Paths | Sequence[OrderFile],
    columns: Columns | Given | None = None,
    dimensions: Dimensions = (),
    timezone: str | None = None,
) -> Orders:
    """Open an order log without reading its rows, unless amounts are totals of orders, or attributes are read.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow IPC, CSV and TSV, plain or compressed), directories (hive-partitioned or not), globs,
        object-store URLs of Parquet; tables of Delta Lake and Iceberg; a `Query` of a database; a frame (Polars, lazy
        or not, pandas, Arrow, DuckDB); a list of any of them; or the files of a log that was opened before.
    columns
        Which column or SQL expression plays which role.
    dimensions
        More columns or SQL expressions that lines are to carry: product, brand, city, channel.
    timezone
        Zone that zoned times are read in; None: their own, which is then one and the same in all files.

    Returns
    -------
    Orders
        The log: its files, its roles, its lines as a lazy frame.

    Raises
    ------
    InputError
        A path or file that cannot be read; a mapping that does not fit the files; two rows of attributes of a customer.

    Examples
    --------
    >>> import whalecurve as wc
    >>> orders = wc.scan_orders("shop/orders", dimensions=["category"])
    >>> list(orders.mapping.dimensions)
    ['category']
    """
    listing = find_all(orders)
    mapping = resolve(taken(Columns, columns) or Columns(), listing.files, dimensions, timezone)
    lines = mapped_rows(scan_rows(listing.files, mapping), mapping)
    scanned = Orders(files=listing.files, mapping=mapping, lines=lines, passed_over=listing.passed_over)
    if mapping.attributes:
        scanned = with_cells_pooled(scanned)
    return _with_kept_lines(scanned) if mapping.order_total else scanned


def reordered(orders: Orders, files: list[OrderFile]) -> Orders:
    """The same order log with its files in another order."""
    lines = mapped_rows(scan_rows(files, orders.mapping), orders.mapping) if files else orders.lines.clear()
    moved = replace(orders, files=files, lines=lines)
    return _with_kept_lines(moved) if orders.mapping.order_total and files else moved


def _with_kept_lines(orders: Orders) -> Orders:
    """The log with the lines found that keep the amounts of their orders; it is read for them."""
    plain = replace(orders.mapping, kept=None)
    with failures_named(orders):
        lines = mapped_rows(scan_rows(orders.files, plain), plain)
        kept = kept_lines(lines, plain.roles["amount"].dtype, orders.n_rows or 0)
    mapping = replace(plain, kept=kept)
    return replace(orders, mapping=mapping, lines=mapped_rows(scan_rows(orders.files, mapping), mapping))
