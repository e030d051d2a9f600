"""Delta Lake and Iceberg tables for tests, as their libraries write them."""

import json
import struct
from pathlib import Path

import pyroaring
from deltalake import write_deltalake
from pyiceberg.catalog.sql import SqlCatalog

Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
BITMAPS = 1681511377
"""The number that bitmaps of deleted rows begin with."""


def delta_table(folder, *parts, **options):
    """A Delta table to which frames were appended one after another; its path."""
    for part in parts:
        write_deltalake(str(folder), part, mode="append", schema_mode="merge", **options)
    return folder


def with_deletion_vector(folder, rows):
    """Mark rows of a table's only file as deleted, as writers do that do not rewrite the file for it."""
    log = Path(folder) / "_delta_log"
    actions = [json.loads(line) for line in (log / f"{0:020}.json").read_text().splitlines()]
    file = next(action["add"] for action in actions if "add" in action)
    bitmap = struct.pack("<i", BITMAPS) + pyroaring.BitMap64(rows).serialize()
    vector = {"storageType": "i", "pathOrInlineDv": _z85(bitmap), "sizeInBytes": len(bitmap), "cardinality": len(rows)}
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    commit = [
        {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7} | features},
        {"remove": {"path": file["path"], "deletionTimestamp": 1, "dataChange": True}},
        {"add": file | {"deletionVector": vector}},
    ]
    (log / f"{1:020}.json").write_text("".join(json.dumps(action) + "\n" for action in commit))


def _z85(content):
    content += b"\0" * (-len(content) % 4)
    words = (int.from_bytes(content[i : i + 4], "big") for i in range(0, len(content), 4))
    return "".join(Z85[word // 85**power % 85] for word in words for power in (4, 3, 2, 1, 0))


def iceberg_table(folder, *parts):
    """An Iceberg table to which frames were appended one after another, in a catalog beside it; the table."""
    folder.mkdir(parents=True)
    catalog = SqlCatalog("test", uri=f"sqlite:///{folder.parent}/{folder.name}.db", warehouse=f"file://{folder.parent}")
    catalog.create_namespace("shop")
    table = catalog.create_table("shop.orders", schema=parts[0].to_arrow().schema, location=f"file://{folder}")
    for part in parts:
        table.append(part.to_arrow())
    catalog.close()
    return table
