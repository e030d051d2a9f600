"""A list for each target, held to its golden file and to what the target documents; read back by a strict parser.

`contacts.csv` has the usual mess: case, spaces, dots and tags of Gmail, national numbers, a shared address, a shared
number, consent withheld, a customer without contact, a formula.
"""

import csv
import hashlib
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from whalecurve.engine import export, score
from whalecurve.engine.targets import target_called, targets

HERE = Path(__file__).parent / "lists"
SETTINGS = {"properties": ["segment", "last_purchase", "reliability"], "consent": "Accepts Marketing"}
PURCHASES = {
    101: [(1, 5.0), (40, 20.0)],
    102: [(2, 30.0)],
    103: [(3, 8.0), (50, 9.0), (80, 90.0)],
    104: [(4, 70.0)],
    105: [(5, 12.0), (88, 13.0)],
    106: [(6, 1.0)],
    107: [(7, 2.0), (90, 40.0)],
    108: [(8, 3.0)],
    109: [(9, 4.0)],
}
HEADERS = {
    "csv": ["customer_id", "email", "phone", "segment", "last_purchase", "reliability"],
    "google": ["Email", "Phone"],
    "hubspot": ["Email", "Phone Number", "wc_customer_id", "wc_segment", "wc_last_purchase", "wc_reliability"],
    "klaviyo": ["Email", "Phone Number", "wc_customer_id", "wc_segment", "wc_last_purchase", "wc_reliability"],
    "mailchimp": [
        "Email Address",
        "Phone Number",
        "wc_customer_id",
        "wc_segment",
        "wc_last_purchase",
        "wc_reliability",
    ],
    "meta": ["email", "phone"],
    "tiktok": ["Email_SHA256", "Phone_SHA256"],
}
"""As documented by each; see `sources` in its preset."""


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    lines = [
        (i, date.fromordinal(date(2024, 1, 1).toordinal() + day), x) for i, few in PURCHASES.items() for day, x in few
    ]
    log = pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount"], orient="row")
    return score(log, out=tmp_path_factory.mktemp("scores") / "scores", measures=False).out


@pytest.fixture(scope="module")
def written(scores, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    found = {
        name: export(scores, name, out=folder / name, settings=_settings(name), contacts=HERE / "contacts.csv")
        for name in targets()
    }
    return folder, found


def _settings(name):
    return SETTINGS if target_called(name).properties else {"consent": SETTINGS["consent"]}


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_the_file_is_the_golden_one_to_the_byte(written, name):
    assert (written[0] / name / "customers.csv").read_bytes() == (HERE / f"{name}.csv").read_bytes()


def test_parquet_holds_the_rows_of_csv(written):
    table = pl.read_parquet(written[0] / "parquet" / "customers.parquet")
    assert dict(table.schema)["last_purchase"] == pl.Date()
    assert dict(table.schema)["customer_id"] == pl.Int64()
    rows = [["" if cell is None else str(cell) for cell in row] for row in table.iter_rows()]
    harmless = [[cell.removeprefix("'") for cell in row] for row in parsed(HERE / "csv.csv")[1]]
    assert rows == harmless
    assert table.columns == HEADERS["csv"]


def parsed(path):
    """By a parser that forgives nothing: UTF-8, one header, rows of one length, no lone quotes or line breaks."""
    content = path.read_bytes()
    text = content.decode("utf-8")
    assert "\r" not in text
    assert text.endswith("\n")
    assert text.startswith("\ufeff") == (path.stem == "csv")
    header, *rows = csv.reader(text.removeprefix("\ufeff").splitlines(), strict=True)
    assert len(set(header)) == len(header)
    assert {len(row) for row in rows} == {len(header)}
    assert all(any(row) for row in rows)
    return header, rows


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_the_file_keeps_the_rules_that_are_documented(name):
    target = target_called(name)
    header, rows = parsed(HERE / f"{name}.csv")
    assert header == HEADERS[name]
    kinds = dict(zip(header, (target.columns[column] for column in header), strict=True))
    for row in (dict(zip(header, row, strict=True)) for row in rows):
        cells = {kinds[column]: cell for column, cell in row.items()}
        assert cells["email"] or (target.needs != "email" and cells["phone"])
        for kind, form in (("email", r"'?[^\s@]+@[^\s@]+\.[^\s@.]+"), ("phone", r"\+[1-9][0-9]{6,14}")):
            expected = "[0-9a-f]{64}" if target.is_hashed else form
            assert re.fullmatch(f"(?:{expected})?", cells[kind])
        if "last_purchase" in cells:
            assert date.fromisoformat(cells["last_purchase"]).year == 2024
    for kind in ("email", "phone"):
        cells = [row[list(kinds.values()).index(kind)] for row in rows]
        assert len(set(filter(None, cells))) == len(list(filter(None, cells)))


@pytest.mark.parametrize(
    ("name", "email", "phone"),
    [
        ("google", "janedoe@gmail.com", "+4915112345678"),
        ("meta", "jane.doe+news@gmail.com", "4915112345678"),
        ("tiktok", "jane.doe+news@gmail.com", "+4915112345678"),
    ],
)
def test_each_hashes_the_same_contact_in_its_own_form(name, email, phone):
    wanted = [hashlib.sha256(text.encode()).hexdigest() for text in (email, phone)]
    assert wanted in parsed(HERE / f"{name}.csv")[1]


def test_who_is_left_out_is_counted_as_by_hand(written):
    by_hand = {"no contact": 1, "no consent": 1, "not usable": 1, "duplicate": 1, "unchanged": 0}
    for name in ("csv", "klaviyo", "meta", "parquet", "google", "tiktok"):
        (one,) = written[1][name].lists
        assert (one.n_customers, one.left_out) == (9, by_hand)
    for name in ("hubspot", "mailchimp"):
        (one,) = written[1][name].lists
        assert one.left_out["not usable"] == {"hubspot": 2, "mailchimp": 3}[name]
