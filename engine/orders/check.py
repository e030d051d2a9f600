"""What is in an order log, and what of it could be used: the answer before the work."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from whalecurve.engine.money import UNITS
from whalecurve.engine.orders.audit import Audit, audit_orders
from whalecurve.engine.orders.failures import failures_named
from whalecurve.engine.orders.files import Paths
from whalecurve.engine.orders.footers import OrderFile
from whalecurve.engine.orders.lines import observed_lines
from whalecurve.engine.orders.log import scan_orders
from whalecurve.engine.settings import Columns, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An order log at a glance.

    columns : of any file, with its type, or types
    roles : what plays each role, with its type
    amount, margin : net sums of the usable lines in currency; margin None where it is not mapped
    """

    n_files: int
    n_bytes: int | None
    columns: dict[str, str]
    roles: dict[str, tuple[str, str]]
    audit: Audit
    n_customers: int
    amount: float
    margin: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        audit = self.audit
        return {
            "files": self.n_files,
            "bytes": self.n_bytes,
            "columns": self.columns,
            "roles": {role: {"mapping": mapping, "type": dtype} for role, (mapping, dtype) in self.roles.items()},
            "rows": audit.rows,
            "return_lines": audit.n_return_lines,
            "lines": audit.kinds,
            "customers": self.n_customers,
            "first_day": audit.first_day.isoformat(),
            "last_day": audit.last_day.isoformat(),
            "as_of": audit.as_of.isoformat(),
            "amount": self.amount,
            "margin": self.margin,
            "warnings": list(audit.warnings),
        }


def check_orders(orders: Paths, columns: Columns | None = None, window: Window | None = None) -> Check:
    """Read an order log once and say what is in it, what would be refused and why.

    Raises
    ------
    InputError
        Files or a mapping that cannot work, or not a single usable row.
    """
    window = window or Window()
    scanned = scan_orders(orders, columns, timezone=window.timezone)
    audit = audit_orders(scanned, window)
    money = ["amount", "margin"] if scanned.has_margin else ["amount"]
    lines = observed_lines(scanned, audit.window)
    sums = lines.select(pl.col("customer_id").n_unique(), *(pl.col(name).cast(pl.Int128).sum() for name in money))
    with failures_named(scanned):
        totals = sums.collect(engine="streaming").row(0, named=True)
    sizes = [file.n_bytes for file in scanned.files]
    return Check(
        n_files=len(scanned.files),
        n_bytes=sum(size or 0 for size in sizes) if None not in sizes else None,
        columns=_types_found(scanned.files),
        roles={role: (filled.mapping, str(filled.dtype)) for role, filled in scanned.mapping.roles.items()},
        audit=audit,
        n_customers=int(totals["customer_id"]),
        amount=int(totals["amount"]) / UNITS,
        margin=int(totals["margin"]) / UNITS if scanned.has_margin else None,
    )


def _types_found(files: list[OrderFile]) -> dict[str, str]:
    types: dict[str, list[str]] = {}
    for file in files:
        for name, dtype in file.schema.items():
            seen = types.setdefault(name, [])
            if str(dtype) not in seen:
                seen.append(str(dtype))
    return {name: " or ".join(seen) for name, seen in types.items()}
