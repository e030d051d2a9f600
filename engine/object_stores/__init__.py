"""Object stores: what lies there, read, written and removed; and how they are reached."""

from whalecurve.engine.object_stores.listing import Found, Listed, find_objects, has_below
from whalecurve.engine.object_stores.locations import Location, location_of
from whalecurve.engine.object_stores.object_file import opened
from whalecurve.engine.object_stores.options import (
    kept_runs,
    parsed,
    redacted,
    scan_options,
    set_storage_options,
    table_options,
)
from whalecurve.engine.object_stores.store import Store, Stored, store_of

__all__ = [
    "Found",
    "Listed",
    "Location",
    "Store",
    "Stored",
    "find_objects",
    "has_below",
    "kept_runs",
    "location_of",
    "opened",
    "parsed",
    "redacted",
    "scan_options",
    "set_storage_options",
    "store_of",
    "table_options",
]
