import json

import pytest
import typer
from typer.testing import CliRunner

from tests.support.commands import COMMANDS, misuse, printed_json, run
from tests.support.logs import write
from whalecurve.cli.main import app_of
from whalecurve.cli.options.panels import SECTIONS
from whalecurve.cli.options.settings_file import APART, LISTS, Options, read_settings
from whalecurve.cli.options.values import ids_in

OWN = {"amount": "columns", "nobody": "columns", "as_of": "window", "overwrite": "output", "horizon": "scoring"}
OTHERS = {"amount": "columns", "by": None, "l2": None, "out": "output"}
KNOWN = Options("score", {"score": OWN | {"l2": "scoring"}, "explain": OTHERS}, repeated=())


def settings(tmp_path, text):
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return path


def test_settings_are_options_by_name_with_dashes_or_underscores(tmp_path):
    path = settings(tmp_path, 'amount = "a * b"\nas-of = 2024-01-31\noverwrite = true\nhorizon = 90\n')
    found = {"amount": "a * b", "as_of": "2024-01-31", "overwrite": True, "horizon": "90"}
    assert read_settings(path, KNOWN) == found
    assert read_settings(settings(tmp_path, "as_of = 2024-01-31"), KNOWN) == {"as_of": "2024-01-31"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amount = ", r"settings\.toml is no TOML \(.*\); write lines like amount = "),
        ('amuont = "x"', r'settings\.toml: unknown setting "amuont"; did you mean "amount"\?'),
        ("zzz = 1", r'unknown setting "zzz"; there are amount, as_of, horizon, l2, nobody, overwrite'),
        ("[amount]\nx = 1", '"amount" is a dict, expected a single value'),
        ("[columms]\nx = 1", r"unknown section \[columms\]; did you mean \[columns\]\?"),
        ("[zzz]\nx = 1", r"unknown section \[zzz\]; there are \[columns\], \[window\], .*\[score\], \[explain\]"),
        ('[columns]\nhorizn = "x"', r'unknown setting "horizn" in \[columns\]; did you mean "horizon"\?'),
        ('[columns]\nhorizon = "x"', r'"horizon" does not belong in \[columns\]; write it in \[scoring\]'),
        (
            "[window]\nby = 1",
            r'"by" does not belong in \[window\]; write it at the top of the file or in a command\'s own',
        ),
        ('amount = "x"\n[columns]\namount = "y"', r'"amount" is given twice; give it once'),
        ('as_of = "x"\nas-of = "y"', r'"as-of" is given twice; give it once'),
        ("[explain]\nhorizon = 1", r'unknown setting "horizon" in \[explain\]; there are amount, by, l2, out'),
        ("[score]\nby = 1", r'unknown setting "by" in \[score\]; there are amount'),
        ("version = 2", r"settings\.toml: version is 2; this whalecurve reads version 1"),
        ("amount = [1, 2]", '"amount" is a list, expected a single value'),
    ],
)
def test_a_file_that_cannot_serve_is_wrong_usage(tmp_path, text, message):
    with pytest.raises(typer.BadParameter, match=message):
        read_settings(settings(tmp_path, text), KNOWN)


def test_a_file_that_is_missing_or_no_text_is_wrong_usage(tmp_path):
    with pytest.raises(
        typer.BadParameter, match=r"no\.toml: cannot be read \(No such file or directory\); check the path"
    ):
        read_settings(tmp_path / "no.toml", KNOWN)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(typer.BadParameter, match="is no TOML"):
        read_settings(tmp_path / "bytes.toml", KNOWN)


def test_sections_are_shared_and_one_with_the_name_of_a_command_is_for_it_alone_and_wins(tmp_path):
    text = """
    version = 1
    horizon = "1y"
    [columns]
    amount = "a"
    [window]
    as_of = 2024-01-31
    [scoring]
    l2 = 1
    [score]
    l2 = 2
    [explain]
    by = "shop"
    amount = "b"
    """
    path = settings(tmp_path, text)
    assert read_settings(path, KNOWN) == {"horizon": "1y", "amount": "a", "as_of": "2024-01-31", "l2": "2"}
    assert read_settings(path, Options("explain", KNOWN.sections)) == {"amount": "b", "by": "shop", "l2": "1"}


def test_what_commands_call_alike_and_mean_otherwise_is_taken_from_their_own_section_alone(tmp_path):
    scoring = {"where": "columns", "state": "running"}
    sections = {"score": scoring, "export": {"where": None}, "triggers": {"state": None}}
    shared = settings(tmp_path, 'where = "status = \'paid\'"\n[running]\nstate = "lines"\n')
    assert read_settings(shared, Options("score", sections)) == {"where": "status = 'paid'", "state": "lines"}
    assert read_settings(shared, Options("export", sections)) == {}
    assert read_settings(shared, Options("triggers", sections)) == {}
    own = settings(tmp_path, '[columns]\nwhere = "a"\n[export]\nwhere = "clv > 9"\n[triggers]\nstate = "told"\n')
    assert read_settings(own, Options("export", sections)) == {"where": "clv > 9"}
    assert read_settings(own, Options("triggers", sections)) == {"state": "told"}


def test_options_of_one_name_that_stand_in_different_sections_mean_the_same_or_are_taken_apart():
    homes = {}
    for name, command in COMMANDS.items():
        if any(param.name == "config" for param in command.params):
            for param in (one for one in command.params if one.param_type_name == "option"):
                section = SECTIONS.get(param.rich_help_panel)
                homes.setdefault(param.name, {})[name] = section
    differ = {name for name, sections in homes.items() if len(set(sections.values())) > 1}
    apart = {name for names in APART.values() for name in names}
    assert differ - apart == {"customer", "order"}  # convert means by them what score does
    # validate means by model what score does, subscriptions another one
    # holdout is a span to validate, a share to experiment assign; by is many dimensions, and one to acquisition
    assert apart - {"holdout", "by"} <= differ


def test_a_command_of_a_group_has_a_section_of_its_own(tmp_path):
    known = Options("try.out", {"try.out": {"holdout": None, "amount": "columns"}, "validate": {"holdout": None}})
    path = settings(tmp_path, 'amount = "x"\n[try.out]\nholdout = 0.1\n[validate]\nholdout = "90d"')
    assert read_settings(path, known) == {"amount": "x", "holdout": "0.1"}
    with pytest.raises(typer.BadParameter, match=r'unknown setting "hold" in \[try\.out\]'):
        read_settings(settings(tmp_path, "[try.out]\nhold = 0.1"), known)
    with pytest.raises(typer.BadParameter, match=r"unknown section \[try\.in\]; did you mean \[try\.out\]\?"):
        read_settings(settings(tmp_path, "[try.in]\nhold = 0.1"), known)


def test_sections_of_other_commands_are_known_to_one_that_is_loaded_alone(tmp_path):
    orders = write(tmp_path / "a.parquet")
    path = settings(tmp_path, '[validate]\nholdout = "90d"\n[experiment.assign]\nholdout = "5%"\n')
    alone = CliRunner().invoke(app_of(["check"]), ["check", str(orders), "--config", str(path)])
    assert alone.exit_code == 0, alone.stderr
    path.write_text("[experiment.assign]\nholdouts = 1\n")
    alone = CliRunner().invoke(app_of(["check"]), ["check", str(orders), "--config", str(path)])
    assert alone.exit_code == 2
    assert 'did you mean "holdout"?' in " ".join(alone.stderr.replace("│", " ").split())


def test_the_section_of_object_stores_has_the_names_of_their_options(tmp_path):
    known = Options("score", {"score": OWN | {"storage_option": "storage"}}, repeated=("storage_option",))
    text = '[storage]\naws_region = "eu-west-1"\nallow_http = true\nkeep_runs = 7\n'
    found = ["aws_region=eu-west-1", "allow_http=true", "keep_runs=7"]
    assert read_settings(settings(tmp_path, text), known) == {"storage_option": found}
    with pytest.raises(typer.BadParameter, match='"x" is a list, expected a single value'):
        read_settings(settings(tmp_path, "[storage]\nx = [1]\n"), known)


def test_a_list_is_what_the_option_reads_with_commas_between(tmp_path):
    found = read_settings(settings(tmp_path, """nobody = ["guest", 0, 'a, "b"']"""), KNOWN)
    assert ids_in(found["nobody"]) == ("guest", "0", 'a, "b"')
    explain = Options("explain", KNOWN.sections)
    assert read_settings(settings(tmp_path, 'by = ["shop", "UPPER(city)"]'), explain) == {"by": "shop,UPPER(city)"}


def test_every_option_that_takes_commas_may_be_a_list():
    named = {
        param.name
        for command in COMMANDS.values()
        for param in command.params
        if "comma-separated" in (getattr(param, "help", None) or "")
        and any(one.name == "config" for one in command.params)
    }
    assert {"by", "nobody", "beside"} <= named <= LISTS


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path, monkeypatch):
    orders = write(tmp_path / "a.parquet")
    path = settings(tmp_path, "[running]\njobs = 0\n")
    assert "Invalid value for '--jobs'" in misuse("check", orders, "--config", path)
    monkeypatch.setenv("WHALECURVE_JOBS", "1")
    assert printed_json("check", orders, "--config", path)["customers"] == 3
    monkeypatch.setenv("WHALECURVE_JOBS", "0")
    assert "Invalid value for" in misuse("check", orders, "--config", path)
    assert printed_json("check", orders, "--jobs", "1")["customers"] == 3
    monkeypatch.delenv("WHALECURVE_JOBS")
    monkeypatch.setenv("WHALECURVE_MEMORY", "much")
    assert '"much" is no size' in misuse("score", orders, "--out", tmp_path / "scores")


def test_what_is_given_on_the_command_line_wins(tmp_path):
    orders = write(tmp_path / "a.parquet")
    path = settings(tmp_path, 'amount = "amount * 10"\nas-of = 2024-01-09\n')
    assert printed_json("check", orders, "--config", path)["amount"] == 150.0
    assert printed_json("check", orders, "--config", path, "--amount", "amount")["amount"] == 15.0
    assert printed_json("check", orders, "--as-of", "2024-01-20", "--config", path)["amount"] == 210.0


def test_a_required_option_may_stand_in_the_file_and_its_values_are_checked(tmp_path):
    orders = write(tmp_path / "a.parquet")
    path = settings(tmp_path, f'out = "{tmp_path / "scores"}"\nhorizon = "30d"\n')
    assert printed_json("score", orders, "--config", path, "--dry-run")["horizon_days"] == 30
    assert '"soon" is no span of time' in misuse(
        "score", orders, "--out", tmp_path, "--config", settings(tmp_path, 'horizon = "soon"')
    )
    assert "Invalid value for '--as-of'" in misuse("check", orders, "--config", settings(tmp_path, 'as_of = "x"'))
    assert 'unknown setting "files"' in misuse("check", orders, "--config", settings(tmp_path, 'files = "x"'))


def test_a_settings_file_of_the_directory_is_found_unless_another_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    orders = write(tmp_path / "a.parquet")
    (tmp_path / "whalecurve.toml").write_text('amount = "amount * 10"\n')
    done = run("check", orders, "--format", "json")
    assert (json.loads(done.stdout)["amount"], done.stderr) == (210.0, "settings from whalecurve.toml\n")
    assert printed_json("check", orders, "--config", settings(tmp_path, 'amount = "amount"'))["amount"] == 21.0


def test_one_file_serves_all_commands_and_a_setting_of_none_is_refused(tmp_path):
    orders = write(tmp_path / "a.parquet")
    path = settings(tmp_path, 'amount = "amount * 10"\nhorizon = "30d"\nby = "shop"\n')
    assert printed_json("check", orders, "--config", path)["amount"] == 210.0
    path.write_text('horizn = "30d"\n')
    assert 'unknown setting "horizn"' in misuse("check", orders, "--config", path)
