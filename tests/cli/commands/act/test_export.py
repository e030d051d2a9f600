"""`whalecurve export` from the shell: text, JSON, files, one-line errors, and no id and no contact on stdout."""

import json

import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Simulation, export, find_triggers, open_result, score, simulate
from whalecurve.engine.targets import targets


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_200, seed=2, ids="string"), folder / "log")
    run = score(folder / "log" / "orders", out=folder / "scores", measures=False)
    lines = ["customer_id,Email,Phone,Accepts Marketing"]
    for i, name in enumerate(run.to_polars()["customer_id"]):
        email = "" if i % 9 == 0 else f"Jane{i // 2}@Example.com"
        lines.append(f"{name},{email},{'030 12345' if i % 2 else ''},{'no' if i % 5 == 0 else 'yes'}")
    (folder / "contacts.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_text_counts_who_is_on_the_lists_and_who_is_not_and_names_nobody(folder, tmp_path):
    text = printed(
        "export", folder / "scores", "--for", "meta", "--segment", "champions", "--segment", "at_risk",
        "--contacts", folder / "contacts.csv", "--out", tmp_path / "lists",
    )  # fmt: skip
    lines = text.splitlines()
    assert lines[0].startswith("Meta customer list: ")
    assert lines[0].split(" in ")[1].startswith("2 files, as of ")
    assert lines[2].split()[:2] == ["file", "customers"]
    assert [line.split()[0] for line in lines[4:6]] == ["champions.csv", "at_risk.csv"]
    assert "no country code" in text
    assert "note: nothing says who may be contacted: name the column of --contacts that does with --consent" in text
    assert lines[-1] == f"written to {tmp_path / 'lists'}"
    assert len(lines) < 15
    assert "@" not in text
    assert not any(name in text for name in open_result(folder / "scores").customers.collect()["customer_id"])


def test_the_command_line_adds_nothing_to_the_engine(folder, tmp_path):
    found = printed_json(
        "export", folder / "scores", "--for", "klaviyo", "--segment", "Champions", "--where", "clv > 10",
        "--contacts", folder / "contacts.csv", "--consent", "Accepts Marketing", "--properties", "segment, clv",
        "--out", tmp_path / "lists",
    )  # fmt: skip
    settings = {
        "segments": ["Champions"],
        "where": "clv > 10",
        "consent": "Accepts Marketing",
        "properties": ["segment", "clv"],
    }
    again = export(
        folder / "scores", "klaviyo", out=tmp_path / "again", settings=settings, contacts=folder / "contacts.csv"
    )
    assert found == json.loads(json.dumps(again.to_dict()))
    files = [(tmp_path / name / "champions.csv").read_bytes() for name in ("lists", "again")]
    assert files[0] == files[1]


def test_refusals_name_options(folder, tmp_path):
    args = ("export", folder / "scores", "--out", tmp_path / "lists")
    assert refusal(*args, "--for", "meta").endswith("; name a file that has them with --contacts")
    assert refusal(*args, "--for", "csv", "--where", "clv").startswith(
        '--where "clv" gives Float64, not true or false;'
    )
    assert refusal(*args, "--for", "csv", "--segment", "Stars").startswith(
        '--segment "Stars": no such segment of rfm; '
    )
    told = refusal(*args, "--for", "csv", "--changed-since", tmp_path / "lists" / "state")
    assert told.startswith(
        f"--changed-since {tmp_path / 'lists' / 'state'}: the state and the lists lie in one another;"
    )
    assert "'facebook' is not one of 'csv', 'google'" in misuse(*args, "--for", "facebook")
    assert not (tmp_path / "lists").exists()


def test_the_tools_that_may_be_named_are_those_that_there_are(tmp_path):
    told = misuse("export", tmp_path, "--for", "facebook", "--out", tmp_path / "lists")
    assert f"'facebook' is not one of {', '.join(repr(name) for name in targets())}." in told


def test_settings_may_come_from_a_file_under_the_names_of_options(folder, tmp_path):
    lines = [
        'for = "meta"',
        'segment = ["champions"]',
        'consent = "Accepts Marketing"',
        f'out = "{tmp_path / "lists"}"',
    ]
    (tmp_path / "export.toml").write_text("\n".join(lines) + "\n")
    contacts = folder / "contacts.csv"
    found = printed_json("export", folder / "scores", "--config", tmp_path / "export.toml", "--contacts", contacts)
    assert (found["target"], [one["file"] for one in found["lists"]]) == ("meta", ["champions.csv"])


def test_a_day_on_which_nothing_happened_is_said_in_two_lines(folder, tmp_path):
    find_triggers(folder / "scores", settings={"triggers": ["spend_falling"]}, out=tmp_path / "day")
    text = printed(
        "export", folder / "scores", "--for", "csv", "--listed", tmp_path / "day", "--out", tmp_path / "lists"
    )
    lines = [line for line in text.splitlines() if line]
    assert lines[0].startswith("CSV: 0 rows in 0 files, as of ")
    assert f"nobody is on the list of --listed {tmp_path / 'day'}, so that no file is written" in text
    assert lines[-1] == f"written to {tmp_path / 'lists'}"
