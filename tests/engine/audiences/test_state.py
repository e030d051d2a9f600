"""Only what changed is exported, and a run that is killed neither repeats nor loses a row."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date

import polars as pl
import pytest

from whalecurve.engine import InputError, export, score
from whalecurve.engine.audiences.state import digests

LOG = pl.DataFrame(
    {
        "customer_id": [f"c{i}@example.com" for i in (1, 1, 2, 3, 3, 4, 5, 5, 6)],
        "order_ts": ["2024-01-01", "2024-02-01", "2024-01-05", "2024-01-07", "2024-03-01", "2024-03-03", "2024-01-02",
                     "2024-02-27", "2024-03-09"],
        "amount": [10.0, 20.0, 30.0, 5.0, 6.0, 70.0, 8.0, 9.0, 10.0],
    }
).with_columns(pl.col("order_ts").str.to_date())  # fmt: skip
SETTINGS = {"properties": ["last_purchase"]}


@pytest.fixture
def folder(tmp_path):
    score(LOG, out=tmp_path / "monday", measures=False)
    later = pl.DataFrame(
        {"customer_id": ["c2@example.com", "c7@example.com"], "order_ts": [date(2024, 3, 9)] * 2, "amount": [1.0, 2.0]}
    )
    lines = pl.concat([LOG.filter(pl.col("customer_id") != "c4@example.com"), later])
    score(lines, out=tmp_path / "tuesday", measures=False)
    return tmp_path


def exported(folder, scores, out, **more):
    found = export(
        folder / scores, "klaviyo", out=folder / out, settings=SETTINGS, changed_since=folder / "state", **more
    )
    return found, addresses(folder / out)


def addresses(out):
    return pl.read_csv(out / "customers.csv")["Email"].to_list()


def test_the_first_export_writes_all_and_the_next_only_what_is_new_or_other(folder):
    first, everybody = exported(folder, "monday", "a")
    assert everybody == [f"c{i}@example.com" for i in range(1, 7)]
    assert (first.lists[0].n_gone, first.lists[0].left_out["unchanged"]) == (0, 0)
    again, nobody = exported(folder, "monday", "b")
    assert nobody == []
    assert again.lists[0].left_out["unchanged"] == 6
    assert (folder / "b" / "customers.csv").read_text().startswith("Email,wc_customer_id,wc_last_purchase\n")
    later, changed = exported(folder, "tuesday", "c")
    assert changed == ["c2@example.com", "c7@example.com"]
    assert (later.lists[0].n_gone, later.lists[0].left_out["unchanged"]) == (1, 4)
    assert exported(folder, "tuesday", "d")[1] == []


def test_who_left_a_list_is_in_a_file_of_its_own_unless_another_customer_has_the_contact(folder):
    contacts = pl.DataFrame(
        {
            "customer_id": [f"c{i}@example.com" for i in (1, 2, 3, 4, 5, 6)],
            "email": ["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org", "f@x.org"],
            "phone": ["+49 30 111111", "+49 30 222222", "", "+49 30 444444", "", ""],
            "agrees": [True] * 6,
        }
    )
    common = {"changed_since": folder / "state", "overwrite": True}
    settings = {"consent": "agrees"}
    export(folder / "monday", "meta", out=folder / "a", settings=settings, contacts=contacts, **common)
    # 1 withdraws consent, 2 takes the number that 1 had, 4 has gone
    later = contacts.with_columns(
        agrees=pl.Series([False, True, True, True, True, True]),
        phone=pl.Series(["+49 30 111111", "+49 30 111111", "", "+49 30 444444", "", ""]),
    )
    found = export(folder / "tuesday", "meta", out=folder / "a", settings=settings, contacts=later, **common)
    assert (found.lists[0].n_gone, found.lists[0].gone_file) == (2, "customers-gone.csv")
    hashed = [hashlib.sha256(text).hexdigest() for text in (b"a@x.org", b"d@x.org", b"4930444444")]
    assert pl.read_csv(folder / "a" / "customers-gone.csv").rows() == [(hashed[0], None), (hashed[1], hashed[2])]
    assert "who are on their list no longer: 2; take off in the tool who is in customers-gone.csv" in " ".join(
        found.warnings
    )
    found = export(folder / "tuesday", "meta", out=folder / "a", settings=settings, contacts=later, **common)
    assert (found.lists[0].n_gone, found.lists[0].gone_file) == (0, None)
    assert not (folder / "a" / "customers-gone.csv").exists()


def test_each_list_has_a_state_of_its_own(folder):
    exported(folder, "monday", "a")
    common = {"changed_since": folder / "state"}
    found = export(folder / "monday", "meta", out=folder / "b", **common)
    assert found.lists[0].n_rows == 6
    found = export(folder / "monday", "klaviyo", out=folder / "c", settings={"where": "value > 9"}, **common)
    assert found.lists[0].left_out["unchanged"] == 0
    assert exported(folder, "monday", "d")[1] == []


def test_other_columns_are_other_rows(folder):
    exported(folder, "monday", "a")
    found = export(folder / "monday", "klaviyo", out=folder / "b", changed_since=folder / "state")
    assert found.lists[0].n_rows == 6


def test_a_run_that_ended_after_its_lists_were_there_is_not_repeated(folder):
    """What a kill between the two steps leaves: the lists in their place, and the state pending."""
    exported(folder, "monday", "a")
    shutil.copytree(folder / "state", folder / "before")
    exported(folder, "tuesday", "b")
    after = json.loads((folder / "state" / "state.json").read_text())
    mark = json.loads((folder / "b" / "manifest.json").read_text())["export_mark"]
    before = json.loads((folder / "before" / "state.json").read_text())
    for path in (folder / "before").glob("*.parquet"):
        shutil.copy(path, folder / "state")
    pending = {"mark": mark, "out": str(folder / "b"), "lists": after["lists"]}
    (folder / "state" / "state.json").write_text(json.dumps(before | {"pending": pending}))
    assert exported(folder, "tuesday", "c")[1] == []
    assert len(list((folder / "state").glob("*.parquet"))) == 1


def test_a_run_that_ended_before_its_lists_were_there_is_made_up_for(folder):
    exported(folder, "monday", "a")
    shutil.copytree(folder / "state", folder / "before")
    exported(folder, "tuesday", "b")
    record = json.loads((folder / "before" / "state.json").read_text())
    pending = {"mark": "of a run that was killed", "out": str(folder / "b"), "lists": record["lists"]}
    (folder / "before" / "state.json").write_text(json.dumps(record | {"pending": pending}))
    shutil.rmtree(folder / "state")
    (folder / "before").rename(folder / "state")
    assert exported(folder, "tuesday", "c")[1] == ["c2@example.com", "c7@example.com"]


def test_a_failed_export_leaves_the_state_as_it_was(folder):
    exported(folder, "monday", "a")
    with pytest.raises(InputError, match=r"`properties` \"age\""):
        export(
            folder / "tuesday", "klaviyo", out=folder / "b", settings={"properties": ["age"]},
            changed_since=folder / "state",
        )  # fmt: skip
    assert exported(folder, "tuesday", "c")[1] == ["c2@example.com", "c7@example.com"]


KILLED = """
import sys
from whalecurve.engine import export
scores, out, state = sys.argv[1:]
print("ready", flush=True)
export(scores, "klaviyo", out=out, settings={"properties": ["last_purchase"]}, changed_since=state)
"""


@pytest.mark.slow
def test_runs_that_are_killed_at_any_moment_lose_nothing_and_repeat_nothing(folder):
    """Every changed row is in just one list that was published, whenever the run that wrote it was killed."""
    exported(folder, "monday", "a")
    for turn in range(12):
        shutil.rmtree(folder / "turn", ignore_errors=True)
        (folder / "turn").mkdir()
        shutil.copytree(folder / "state", folder / "turn" / "state")
        outs = [folder / "turn" / name for name in ("killed", "next")]
        args = [sys.executable, "-c", KILLED, folder / "tuesday", outs[0], folder / "turn" / "state"]
        with subprocess.Popen(args, stdout=subprocess.PIPE, env=os.environ) as process:
            process.stdout.readline()
            time.sleep(turn * 0.02)
            process.send_signal(signal.SIGKILL)
        export(folder / "tuesday", "klaviyo", out=outs[1], settings=SETTINGS, changed_since=folder / "turn" / "state")
        published = [address for out in outs if out.exists() for address in addresses(out)]
        assert sorted(published) == ["c2@example.com", "c7@example.com"]


def test_a_directory_of_something_else_is_refused(folder):
    (folder / "state").mkdir()
    (folder / "state" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no state of an export; name a new or empty directory"):
        exported(folder, "monday", "a")
    assert not (folder / "a").exists()


def test_ids_of_another_type_are_refused(folder):
    exported(folder, "monday", "a")
    numbers = LOG.with_columns(pl.int_range(pl.len()).alias("customer_id"))
    score(numbers, out=folder / "numbers", measures=False)
    contacts = numbers.select("customer_id", email=LOG["customer_id"])
    with pytest.raises(InputError, match="holds ids of String, and those of the result are Int64"):
        exported(folder, "numbers", "b", contacts=contacts)


def test_a_state_among_the_lists_or_the_scores_is_refused(folder):
    for place in ("a/state", "monday/state"):
        with pytest.raises(InputError):
            export(folder / "monday", "csv", out=folder / "a", changed_since=folder / place)
    assert not (folder / "a").exists()


def test_digests_tell_rows_and_headers_apart_and_stay_the_same():
    table = pl.DataFrame({"a": ["x", "x", None, "y"], "b": [1.5, 1.5, None, 2.0]})
    found = digests(table).to_list()
    assert found[0] == found[1]
    assert len(set(found)) == 3
    assert not set(found) & set(digests(table.rename({"a": "c"})))
    assert found[0].hex() == "7eadf5e89d0394881b571b1d482fc263"
