"""A command takes groups of options as values; Typer sees every option."""

from dataclasses import dataclass
from inspect import signature
from typing import Annotated, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

from tests.support.commands import COMMANDS
from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.once_each import OnceEach
from whalecurve.cli.options.panels import ADVANCED_PANEL


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What is sent."""

    addresses: Annotated[list[str], typer.Argument(help="Where to.", metavar="ADDRESSES")]
    weight: Annotated[float, typer.Option(min=0.0, help="In kilograms.")] = 1.0
    is_fragile: Annotated[bool, typer.Option("--fragile", help="Handle with care.")] = False


@dataclass(frozen=True, kw_only=True)
class HeavyParcel(Parcel):
    """The same, by the tonne."""

    weight: Annotated[float, typer.Option(min=0.0, help="In tonnes.")] = 2.0


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sends it."""

    name: Annotated[str, typer.Option(help="Whose it is.")]


def outcome(command, *args):
    """What comes of a command alone in an app: exit code and output, and what the command was called with."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command("send", cls=OnceEach)(command)
    return CliRunner().invoke(app, [str(arg) for arg in args], catch_exceptions=False, env={"COLUMNS": "100"})


@pytest.fixture
def calls():
    return []


@pytest.fixture
def send(calls):
    @takes_groups(settings_file=True)
    def send(*, express: Annotated[bool, typer.Option("--express", help="Today.")] = False, parcel: Parcel, by: Sender):
        """Send a parcel."""
        calls.append((express, parcel, by))

    return send


def test_every_option_of_every_group_is_in_the_help_where_its_group_stands(send):
    shown = outcome(send, "--help").stdout
    assert "Send a parcel." in shown
    told = ["ADDRESSES", "--config", "--express", "--weight", "--fragile", "--name", "--help"]
    assert sorted(told, key=shown.rindex) == told


def test_groups_arrive_as_values(send, calls):
    assert outcome(send, "here", "there", "--name", "Ann", "--weight", "2.5", "--fragile").exit_code == 0
    assert calls == [
        (False, Parcel(addresses=["here", "there"], weight=2.5, is_fragile=True), Sender(name="Ann")),
    ]


def test_options_that_are_not_given_are_at_their_defaults(send, calls):
    assert outcome(send, "here", "--name", "Ann", "--express").exit_code == 0
    assert calls == [(True, Parcel(addresses=["here"]), Sender(name="Ann"))]


def test_a_group_may_change_an_option_of_another_in_its_place(calls):
    @takes_groups()
    def send(*, parcel: HeavyParcel):
        calls.append(parcel)

    shown = outcome(send, "--help").stdout
    assert "In tonnes." in shown
    assert "In kilograms." not in shown
    assert shown.index("--weight") < shown.index("--fragile")
    assert outcome(send, "here").exit_code == 0
    assert calls == [HeavyParcel(addresses=["here"], weight=2.0)]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["here", "--name", "Ann", "--nosuch"], "No such option: --nosuch"),
        (["here", "--name", "Ann", "--parcel", "x"], "No such option: --parcel"),
        (["here", "--name", "Ann", "--weight", "1", "--weight", "2"], "given 2 times; give it once"),
        (["here", "--name", "Ann", "--weight", "-1"], "Invalid value for '--weight'"),
        (["here"], "Missing option '--name'"),
        (["--name", "Ann"], "Missing argument 'ADDRESSES"),
    ],
)
def test_wrong_usage_is_status_2_and_calls_nothing(send, calls, args, message):
    done = outcome(send, *args)
    assert (done.exit_code, calls) == (2, [])
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_a_settings_file_fills_in_options_of_groups(send, calls, tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text('name = "Ann"\nweight = 3\nexpress = true\n')
    assert outcome(send, "here", "--config", path).exit_code == 0
    assert calls == [(True, Parcel(addresses=["here"], weight=3.0), Sender(name="Ann"))]


def test_a_command_without_a_settings_file_has_no_such_option(calls):
    @takes_groups()
    def send(*, by: Sender):
        calls.append(by)

    assert "No such option: --config" in outcome(send, "--name", "Ann", "--config", "a.toml").stderr
    assert outcome(send, "--name", "Ann").exit_code == 0
    assert calls == [Sender(name="Ann")]


def test_where_a_value_comes_from_can_be_asked_for_each_option(calls):
    @takes_groups()
    def send(*, context: typer.Context, parcel: Parcel):
        calls.append({name: context.get_parameter_source(name).name for name in ("weight", "is_fragile")})

    assert outcome(send, "here", "--weight", "1").exit_code == 0
    assert calls == [{"weight": "COMMANDLINE", "is_fragile": "DEFAULT"}]


def test_signature_and_annotations_say_the_same(send):
    shown = signature(send).parameters
    assert list(shown) == ["config", "express", "addresses", "weight", "is_fragile", "name"]
    assert get_type_hints(send, include_extras=True) == {name: option.annotation for name, option in shown.items()}


def test_two_options_of_one_name_are_a_bug():
    def send(*, parcel: Parcel, weight: Annotated[float, typer.Option()] = 1.0): ...

    with pytest.raises(TypeError, match="send: options of one name among addresses, weight, is_fragile, weight"):
        takes_groups()(send)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_last_how_it_runs(name):
    usual = [param for param in COMMANDS[name].params if param.rich_help_panel != ADVANCED_PANEL]
    options = [param.name for param in usual if param.param_type_name == "option"]
    assert all(param in usual for param in COMMANDS[name].params[: len(usual)])
    assert options[-6:] == ["jobs", "format", "verbose", "quiet", "log_format", "storage_option"]
