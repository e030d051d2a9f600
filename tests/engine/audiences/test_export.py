"""Lists of a real result: who is on them, what they say, and that nobody is lost or named."""

import csv
import json
import re
import shutil
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import (
    InputError,
    Simulation,
    export,
    find_triggers,
    open_result,
    open_run,
    sample,
    score,
    simulate,
)
from whalecurve.engine.audiences import table
from whalecurve.engine.targets import targets

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_200, seed=4, ids="string"), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder


@pytest.fixture(scope="module")
def customers(folder):
    return open_result(folder / "scores").customers.collect().sort("customer_id")


@pytest.fixture(scope="module")
def contacts(customers):
    """An address for everybody, shared by some, missing for some, no address for some; a number for every third."""
    ids = customers["customer_id"].to_list()
    emails = [[f" Jane{i - i % 2}@Example.com", None, "nobody"][min(i % 10, 3) % 3] for i in range(len(ids))]
    phones = [f"+49 30 {1_000_000 + i}" if i % 3 == 0 else f"030 {i}" if i % 3 == 1 else "" for i in range(len(ids))]
    agrees = ["yes" if i // 2 % 4 else "no" for i in range(len(ids))]
    return pl.DataFrame({"customer_id": ids, "E-Mail": emails, "Phone": phones, "agrees": agrees})


def parsed(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    return rows[0], rows[1:]


def test_a_segment_is_a_file_with_all_its_customers_in_the_order_of_ids(folder, customers, tmp_path):
    settings = {"segments": ["cant_lose_them", "champions"]}
    found = export(folder / "scores", "csv", out=tmp_path / "lists", settings=settings)
    assert [(one.segment, one.file) for one in found.lists] == [
        ("Champions", "champions.csv"),
        ("Can't lose them", "cant_lose_them.csv"),
    ]
    for one in found.lists:
        header, rows = parsed(tmp_path / "lists" / one.file)
        own = customers.filter(rfm_segment=one.segment)
        assert [row[0] for row in rows] == own["customer_id"].to_list()
        assert (one.n_rows, one.n_customers) == (own.height, own.height)
        assert {row[header.index("segment")] for row in rows} == {one.segment}
        numbers = [float(row[header.index("clv")]) for row in rows]
        assert numbers == pytest.approx(own["clv"].to_list(), abs=0.005 + 1e-9)
        days = [row[header.index("last_purchase")] for row in rows]
        assert days == [day.isoformat() for day in own["last_purchase"]]


def test_parquet_holds_what_was_computed(folder, customers, tmp_path):
    export(folder / "scores", "parquet", out=tmp_path / "lists")
    written = pl.read_parquet(tmp_path / "lists" / "customers.parquet")
    same = ["customer_id", "next_best_action", "risk", "churn_risk", "clv", "value", "last_purchase"]
    assert_frame_equal(
        written.select(same), customers.select(same).with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    )
    assert written["segment"].to_list() == customers["rfm_segment"].to_list()
    assert set(written["reliability"]) == {"reliable"}


def test_a_condition_and_a_segment_both_hold(folder, customers, tmp_path):
    settings = {"segments": ["Champions"], "where": "clv > 20 AND risk = 'low'"}
    export(folder / "scores", "parquet", out=tmp_path / "lists", settings=settings)
    written = pl.read_parquet(tmp_path / "lists" / "champions.parquet")
    own = customers.filter((pl.col("rfm_segment") == "Champions") & (pl.col("clv") > 20) & (pl.col("risk") == "low"))
    assert 0 < own.height < customers.filter(rfm_segment="Champions").height
    assert written["customer_id"].to_list() == own["customer_id"].to_list()


def test_days_are_compared_with_text_as_in_the_settings_of_a_log(folder, customers, tmp_path):
    settings = {"where": "last_purchase >= '2025-10-01'"}
    found = export(folder / "scores", "csv", out=tmp_path / "lists", settings=settings)
    assert found.lists[0].n_rows == customers.filter(pl.col("last_purchase") >= date(2025, 10, 1)).height > 0


def test_the_next_purchase_is_told_where_the_result_has_it(folder, customers, tmp_path):
    shutil.copytree(folder / "scores", tmp_path / "scores")
    (path,) = (tmp_path / "scores" / "customers").rglob("*.parquet")
    rows = pl.read_parquet(path).with_columns(next_purchase=pl.col("last_purchase") + pl.duration(days=30))
    rows.write_parquet(path)
    manifest = tmp_path / "scores" / "manifest.json"
    record = json.loads(manifest.read_text())
    name = path.relative_to(tmp_path / "scores").as_posix()
    (entry,) = (entry for entry in record["outputs"] if entry["path"] == name)
    entry["bytes"] = path.stat().st_size
    manifest.write_text(json.dumps(record))
    settings = {"properties": ["next_purchase"]}
    export(tmp_path / "scores", "csv", out=tmp_path / "lists", settings=settings)
    header, found = parsed(tmp_path / "lists" / "customers.csv")
    assert header == ["customer_id", "next_purchase"]
    days = ["" if day is None else (day + timedelta(days=30)).isoformat() for day in customers["last_purchase"]]
    assert [row[1] for row in found] == days


def test_a_run_exports_itself(folder, tmp_path):
    open_run(folder / "scores").export("csv", out=tmp_path / "a")
    export(folder / "scores", "csv", out=tmp_path / "b")
    assert (tmp_path / "a" / "customers.csv").read_bytes() == (tmp_path / "b" / "customers.csv").read_bytes()


def test_contacts_are_not_replaced_by_lists(folder, contacts, tmp_path):
    export(folder / "scores", "csv", out=tmp_path / "lists")
    contacts.write_csv(tmp_path / "lists" / "contacts.csv")
    with pytest.raises(InputError, match="holds the result that is read"):
        export(
            folder / "scores", "csv", out=tmp_path / "lists", contacts=tmp_path / "lists" / "contacts.csv",
            overwrite=True,
        )  # fmt: skip
    assert (tmp_path / "lists" / "contacts.csv").is_file()


def test_an_address_of_which_another_customer_has_not_agreed_is_said(folder, customers, tmp_path):
    given = pl.DataFrame({"customer_id": customers["customer_id"][:2], "email": ["a@x.org"] * 2, "ok": ["yes", "no"]})
    found = export(folder / "scores", "csv", out=tmp_path / "lists", settings={"consent": "ok"}, contacts=given)
    assert "addresses on the lists that are also those of customers who have not agreed: 1" in found.warnings


def test_other_schemes_have_lists_too(folder, customers, tmp_path):
    settings = {"scheme": "clv_tier", "segments": ["high"], "properties": ["segment"]}
    export(folder / "scores", "parquet", out=tmp_path / "lists", settings=settings)
    written = pl.read_parquet(tmp_path / "lists" / "high.parquet")
    assert written.columns == ["customer_id", "segment"]
    assert written["customer_id"].to_list() == customers.filter(clv_tier="high")["customer_id"].to_list()
    assert set(written["segment"]) == {"high"}


@pytest.mark.parametrize("target", sorted(targets()))
def test_everybody_is_in_a_row_or_counted_with_a_reason(folder, customers, contacts, tmp_path, target):
    settings = {"segments": ["Champions", "At risk"], "consent": "agrees"}
    found = export(folder / "scores", target, out=tmp_path / "lists", settings=settings, contacts=contacts)
    for one in found.lists:
        n = customers.filter(rfm_segment=one.segment).height
        assert one.n_customers == n == one.n_rows + sum(one.left_out.values())
        assert min(one.left_out[why] for why in ("no contact", "no consent", "not usable")) > 0
        if target != "parquet":
            assert len(parsed(tmp_path / "lists" / one.file)[1]) == one.n_rows
    record = (tmp_path / "lists" / "manifest.json").read_text() + (tmp_path / "lists" / "export.json").read_text()
    told = record + json.dumps(found.to_dict()) + repr(found) + found._repr_html_()
    assert not ADDRESS.search(told)
    assert not any(name in told for name in customers["customer_id"])


def test_parts_of_a_list_make_the_whole(folder, contacts, tmp_path, monkeypatch):
    export(folder / "scores", "klaviyo", out=tmp_path / "whole", contacts=contacts)
    monkeypatch.setattr(table, "AT_ONCE", 7)
    export(folder / "scores", "klaviyo", out=tmp_path / "parts", contacts=contacts)
    export(folder / "scores", "parquet", out=tmp_path / "table", contacts=contacts)
    whole, parts = ((tmp_path / name / "customers.csv").read_bytes() for name in ("whole", "parts"))
    assert whole == parts
    assert pl.read_parquet(tmp_path / "table" / "customers.parquet").height == whole.count(b"\n") - 1


def test_neither_layout_nor_the_order_of_contacts_changes_a_list(folder, contacts, tmp_path):
    score(folder / "log" / "orders", out=tmp_path / "hive", layout="hive", measures=False)
    export(folder / "scores", "meta", out=tmp_path / "a", contacts=contacts)
    export(tmp_path / "hive", "meta", out=tmp_path / "b", contacts=contacts.reverse())
    assert (tmp_path / "a" / "customers.csv").read_bytes() == (tmp_path / "b" / "customers.csv").read_bytes()


def test_numbers_in_a_text_file_keep_their_zeros_and_their_signs(folder, customers, tmp_path):
    ids = customers["customer_id"].to_list()[:4]
    lines = [
        f"{i},{p}" for i, p in zip(ids, ["0301234567", "0049301234567", "+49301234568", "49301234569"], strict=True)
    ]
    (tmp_path / "contacts.csv").write_text("\n".join(["customer_id,phone", *lines]) + "\n")
    found = export(folder / "scores", "csv", out=tmp_path / "lists", contacts=tmp_path / "contacts.csv")
    header, rows = parsed(tmp_path / "lists" / "customers.csv")
    assert [row[header.index("phone")] for row in rows] == ["+49301234567", "+49301234568", "+49301234569"]
    assert found.lists[0].unusable == {"no country code": 1}


def test_an_order_log_serves_as_contacts_as_long_as_rows_of_a_customer_agree(folder, customers, contacts, tmp_path):
    lines = pl.concat([contacts, contacts.with_columns(pl.lit("x").alias("item"))], how="diagonal")
    export(folder / "scores", "meta", out=tmp_path / "once", contacts=contacts)
    export(folder / "scores", "meta", out=tmp_path / "often", contacts=lines)
    assert (tmp_path / "once" / "customers.csv").read_bytes() == (tmp_path / "often" / "customers.csv").read_bytes()
    other = pl.concat([contacts, contacts.head(2).with_columns(pl.lit("other@example.com").alias("E-Mail"))])
    with pytest.raises(InputError) as told:
        export(folder / "scores", "meta", out=tmp_path / "other", contacts=other)
    assert "rows of 2 customers differ in their contacts or consent; keep one row a customer" in str(told.value)
    assert "@" not in str(told.value)
    assert not (tmp_path / "other").exists()


def test_ids_that_are_addresses_need_no_file(tmp_path):
    log = pl.DataFrame(
        {
            "customer_id": ["Jane@Example.com", "Jane@Example.com", "j.doe@gmail.com", "guest"],
            "order_ts": ["2024-01-01", "2024-02-01", "2024-01-05", "2024-01-07"],
            "amount": [1.0, 2.0, 3.0, 4.0],
        }
    ).with_columns(pl.col("order_ts").str.to_date())
    score(log, out=tmp_path / "scores")
    found = export(tmp_path / "scores", "klaviyo", out=tmp_path / "lists", settings={"properties": ["last_purchase"]})
    header, rows = parsed(tmp_path / "lists" / "customers.csv")
    assert header == ["Email", "wc_customer_id", "wc_last_purchase"]
    assert [row[0] for row in rows] == ["jane@example.com", "j.doe@gmail.com"]
    assert found.lists[0].left_out["not usable"] == 1


@pytest.mark.parametrize(
    ("words", "agreed"),
    [
        (["yes", "No", " TRUE ", "maybe", None], [0, 2]),
        (["SUBSCRIBED", "unsubscribed", "", "1", "0"], [0, 3]),
        ([True, False, None, True, False], [0, 3]),
        ([1, 0, None, 2, 1], [0, 4]),
        ([1.0, 0.0, None, 1.5, 1.0], [0, 3, 4]),
    ],
)
def test_consent_is_what_says_yes(folder, customers, tmp_path, words, agreed):
    ids = customers["customer_id"].to_list()[:5]
    given = pl.DataFrame({"customer_id": ids, "email": [f"c{i}@example.com" for i in range(5)], "ok": words})
    export(folder / "scores", "csv", out=tmp_path / "lists", settings={"consent": "ok"}, contacts=given)
    assert [row[0] for row in parsed(tmp_path / "lists" / "customers.csv")[1]] == [ids[i] for i in agreed]


def test_what_a_spreadsheet_would_run_is_made_harmless_and_counted(folder, customers, tmp_path):
    ids = customers["customer_id"].to_list()[:2]
    given = pl.DataFrame(
        {"customer_id": ids, "email": ["=cmd@example.com", "b@example.com"], "phone": ["", "+4930123456"]}
    )
    found = export(folder / "scores", "meta", out=tmp_path / "hashed", contacts=given)
    assert "apostrophe" not in " ".join(found.warnings)
    found = export(folder / "scores", "klaviyo", out=tmp_path / "lists", contacts=given)
    assert "that an apostrophe is put before: 1; " in " ".join(found.warnings)
    assert [row[:2] for row in parsed(tmp_path / "lists" / "customers.csv")[1]] == [
        ["'=cmd@example.com", ""],
        ["b@example.com", "+4930123456"],
    ]
    raw = {"keeps_formulas": True}
    export(folder / "scores", "klaviyo", out=tmp_path / "raw", contacts=given, settings=raw)
    assert parsed(tmp_path / "raw" / "customers.csv")[1][0][0] == "=cmd@example.com"


def test_warnings_say_what_the_tool_or_the_law_asks_for(folder, contacts, tmp_path):
    settings = {"segments": ["Champions"]}
    told = "\n".join(
        export(folder / "scores", "tiktok", out=tmp_path / "a", contacts=contacts, settings=settings).warnings
    )
    assert "nothing says who may be contacted: name the column of `contacts` that does with `consent`" in told
    assert "TikTok customer file asks for at least 1,000 rows a list: champions.csv (" in told
    settings |= {"consent": "agrees"}
    told = "\n".join(
        export(folder / "scores", "hubspot", out=tmp_path / "b", contacts=contacts, settings=settings).warnings
    )
    assert told == ""


def test_an_address_on_two_lists_is_said(folder, customers, tmp_path):
    two = [customers.filter(rfm_segment=name)["customer_id"][0] for name in ("Champions", "At risk")]
    given = pl.DataFrame({"customer_id": two, "email": ["a@example.com"] * 2})
    settings = {"segments": ["Champions", "At risk"]}
    found = export(folder / "scores", "meta", out=tmp_path / "lists", contacts=given, settings=settings)
    assert "addresses on more than one of the lists: 1" in found.warnings


@pytest.mark.parametrize(
    ("target", "settings", "message"),
    [
        ("facebook", {}, '`target` "facebook": no such target; choose one of csv, '),
        ("csv", {"segments": ["Stars"]}, '`segment` "Stars": no such segment of rfm; choose one of Champions, '),
        ("csv", {"where": "clv >"}, '`where` "clv >" is not a valid SQL condition ('),
        ("csv", {"where": "worth > 1"}, 'no column "worth" in `where` "worth > 1"; there are customer_id, '),
        (
            "csv",
            {"where": "clv + 1"},
            '`where` "clv + 1" gives Float64, not true or false; write a condition, as where=',
        ),
        ("csv", {"where": "CAST(customer_id AS INT) > 1"}, "fails on a customer; write TRY_CAST for CAST, so that bad"),
        ("csv", {"properties": ["age"]}, '`properties` "age": CSV takes segment, next_best_action, '),
        ("meta", {"properties": ["clv"]}, '`properties` "clv": Meta customer list takes contacts alone; leave it out'),
        ("csv", {"consent": "ok"}, 'consent="ok": there is no file to take it from; name it with `contacts`'),
        ("csv", {"segments": []}, "`segment` names no segment; name one, or leave it out for all customers"),
        ("meta", {}, "Meta customer list takes contacts, and no id of a customer is an e-mail address; name a file"),
    ],
)
def test_what_cannot_be_exported_is_refused_and_nothing_is_written(folder, tmp_path, target, settings, message):
    with pytest.raises(InputError) as told:
        export(folder / "scores", target, out=tmp_path / "lists", settings=settings)
    assert message in str(told.value)
    assert not (tmp_path / "lists").exists()


def test_columns_of_contacts_that_are_not_there_are_refused_by_name(folder, contacts, tmp_path):
    for settings, message in (
        ({"email": "mail"}, 'no column "mail" for `email`; there are E-Mail, Phone, agrees, customer_id; did you mean'),
        ({"consent": "ok"}, 'no column "ok" for `consent`; there are E-Mail'),
        ({"contacts_key": "id"}, 'no column "id" for `contacts_key`'),
    ):
        with pytest.raises(InputError, match=re.escape(message)):
            export(folder / "scores", "meta", out=tmp_path / "lists", settings=settings, contacts=contacts)
    given = contacts.select("customer_id", a="E-Mail")
    with pytest.raises(InputError, match="no column is called an address or a phone number; there are a; name one"):
        export(folder / "scores", "meta", out=tmp_path / "lists", contacts=given)


def test_the_triggers_of_a_day_are_exported_a_file_each(folder, customers, tmp_path):
    day = find_triggers(folder / "scores", settings={"most": 3, "cooling_off": 0}, out=tmp_path / "day")
    found = export(folder / "scores", "csv", out=tmp_path / "lists", settings={"listed": str(tmp_path / "day")})
    triggers = day.customers["trigger"].unique(maintain_order=True).to_list()
    assert len(triggers) > 1
    assert [(one.segment, one.file) for one in found.lists] == [(name, f"{name}.csv") for name in triggers]
    own = {row["customer_id"]: row for row in customers.iter_rows(named=True)}
    for name in triggers:
        header, rows = parsed(tmp_path / "lists" / f"{name}.csv")
        assert [row[0] for row in rows] == sorted(day.customers.filter(trigger=name)["customer_id"])
        for row in (dict(zip(header, cells, strict=True)) for cells in rows):
            customer = own[row["customer_id"]]
            assert row["segment"] == customer["rfm_segment"]
            assert row["last_purchase"] == str(customer["last_purchase"])
            assert float(row["clv"]) == pytest.approx(customer["clv"], abs=0.006)
    wanted = {"listed": str(tmp_path / "day"), "where": "clv > 50"}
    export(folder / "scores", "csv", out=tmp_path / "few", settings=wanted)
    rich = set(customers.filter(pl.col("clv") > 50)["customer_id"])
    for name in triggers:
        _, rows = parsed(tmp_path / "few" / f"{name}.csv")
        assert {row[0] for row in rows} == rich & set(day.customers.filter(trigger=name)["customer_id"])


def test_a_day_on_which_nothing_happened_makes_no_file(folder, tmp_path):
    find_triggers(folder / "scores", settings={"triggers": ["spend_falling"]}, out=tmp_path / "day")
    listed = tmp_path / "day"
    found = export(folder / "scores", "csv", out=tmp_path / "lists", settings={"listed": str(listed)})
    assert found.lists == ()
    assert f'nobody is on the list of listed="{listed}", so that no file is written' in found.warnings
    assert {path.name for path in (tmp_path / "lists").iterdir()} == {"export.json", "model.json", "manifest.json"}


def test_a_sample_and_its_reserve_are_exported_apart(folder, tmp_path):
    drawn = sample(folder / "scores", settings={"per_segment": 5}, out=tmp_path / "survey")
    found = export(folder / "scores", "csv", out=tmp_path / "lists", settings={"listed": str(tmp_path / "survey")})
    assert [one.file for one in found.lists] == ["sample.csv", "reserve.csv"]
    for part in ("sample", "reserve"):
        _, rows = parsed(tmp_path / "lists" / f"{part}.csv")
        assert [row[0] for row in rows] == sorted(drawn.customers.filter(list=part)["customer_id"])


def test_a_list_of_something_else_is_refused(folder, tmp_path):
    def refused(listed, **settings):
        with pytest.raises(InputError) as told:
            export(folder / "scores", "csv", out=tmp_path / "lists", settings={"listed": str(listed)} | settings)
        return str(told.value)

    assert "no list; name a directory that whalecurve triggers or sample wrote" in refused(tmp_path)
    assert "of whalecurve score; name a directory that " in refused(folder / "scores")
    assert "are both given; each says who is on the lists" in refused(tmp_path, segments=["Champions"])
    other = score(folder / "log" / "orders", out=tmp_path / "other", scoring={"horizon_days": 90}, measures=False)
    find_triggers(other.out, out=tmp_path / "day")
    assert "is a list of another result than " in refused(tmp_path / "day")
    assert not (tmp_path / "lists").exists()
