"""Messages: Python wherever they are text, and other words for whoever asks for them; marks stay inside."""

import copy
import json
import pickle
from datetime import date
from pathlib import Path

import pytest

from whalecurve.engine import InputError, Message, Scoring
from whalecurve.engine.errors import END, NAME, VALUE, ColumnMissingError, ColumnTypeError, reason, setting

VALUES = {
    "name alone": (None, "`model`", None),
    "switched on": (True, "model=True", None),
    "number": (11, "model=11", "11"),
    "fraction": (-0.5, "model=-0.5", "-0.5"),
    "day": (date(2024, 1, 2), "model=2024-01-02", "2024-01-02"),
    "text": ("bgbb", 'model="bgbb"', "bgbb"),
    "no text": ("", 'model=""', ""),
    "path": (Path("a b/c"), 'model="a b/c"', "a b/c"),
    "text with quotes": ('"Unit Price"', "model='\"Unit Price\"'", '"Unit Price"'),
    "text with both quotes": ("\"a\" = 'b'", 'model="\\"a\\" = \'b\'"', "\"a\" = 'b'"),
    "text with a backslash": ("a\\b", 'model="a\\\\b"', "a\\b"),
    "text in two lines": ("a\nb", 'model="a b"', "a b"),
    "text with marks": (f"{NAME}a{VALUE}b{END}", 'model="ab"', "ab"),
    "list": (["value", "since"], 'model=["value", "since"]', "value,since"),
}


@pytest.mark.parametrize(("value", "in_python", "plain"), VALUES.values(), ids=VALUES)
def test_a_setting_is_python_in_text_and_what_another_makes_of_name_and_value(value, in_python, plain):
    asked = []
    error = InputError(f"orders: {setting('model', value)} is wrong")
    assert str(error) == f"orders: {in_python} is wrong"
    assert error.message.written(lambda *given: asked.append(given) or "it") == "orders: it is wrong"
    assert asked == [("model", plain)]


def test_an_error_tells_the_settings_that_it_names_in_order_and_once():
    error = InputError(
        f"{setting('out', 'a')}: exists; replace it with {setting('overwrite', True)}, or {setting('out')}"
    )
    assert error.settings == ("out", "overwrite")
    assert str(error) == 'out="a": exists; replace it with overwrite=True, or `out`'
    assert InputError("nothing to choose").settings == ()


def test_a_message_is_one_line_and_equal_to_its_text():
    message = Message(f"first\nsecond {setting('since')}")
    assert message == "first second `since`"
    assert (f"{message}", repr(message)) == ("first second `since`", "'first second `since`'")
    assert json.loads(json.dumps({"warnings": [message]})) == {"warnings": ["first second `since`"]}


@pytest.mark.parametrize("again", [Message, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_message_keeps_its_marks_through_copies(again):
    message = again(Message(f"give {setting('as_of')}"))
    assert type(message) is Message
    assert message == "give `as_of`"
    assert message.written(lambda name, value: f"<{name} {value}>") == "give <as_of None>"


@pytest.mark.parametrize("value", [value for value, _, _ in VALUES.values()], ids=VALUES)
def test_a_message_is_made_again_from_its_text_and_the_places_of_its_settings(value):
    message = Message(f"{setting('since')} é: give {setting('model', value)} or {setting('model', value)}, please")
    places = json.loads(json.dumps(message.places()))
    assert [str(message)[place["start"] : place["end"]] for place in places] == [
        "`since`",
        *[str(Message(setting("model", value)))] * 2,
    ]
    again = Message.at_places(str(message), places)
    assert again == message
    assert again.marked == message.marked


@pytest.mark.parametrize(
    "change", [{"start": 4}, {"end": 11}, {"setting": "out"}, {"setting": "a b"}, {"start": 0, "end": 0}]
)
def test_places_that_are_not_those_of_the_text_are_refused(change):
    message = Message(f"give {setting('as_of')}")
    (place,) = message.places()
    with pytest.raises(ValueError, match="no settings in these places"):
        Message.at_places(str(message), [place | change])


def test_an_error_within_another_keeps_the_settings():
    inner = InputError(f"{setting('bins', 1)} is too few")
    assert InputError(f"cuts.toml: {inner.message.marked}").settings == ("bins",)
    assert str(InputError(f"cuts.toml: {inner}")) == "cuts.toml: bins=1 is too few"


def test_errors_over_columns_name_their_role():
    missing = ColumnMissingError(role="return_flag", mapping="r", wanted="r", available=["a"], where="a.parquet")
    assert str(missing) == (
        'a.parquet: no column "r" for `return_flag`; there are a; name one of them with return_flag="NAME"'
    )
    wrong = ColumnTypeError(role="time", mapping="t", found="String", expected="a date", advice="parse it", where="f")
    assert str(wrong) == 'f: `time` "t" is String, expected a date; parse it'
    assert (missing.settings, wrong.settings) == (("return_flag",), ("time",))


def test_settings_in_python_are_called_as_in_python():
    with pytest.raises(InputError) as caught:
        Scoring(horizon_days=0)
    assert str(caught.value) == "horizon_days=0 is not ahead; give a positive number of days, as 365"
    assert caught.value.settings == ("horizon_days",)


def test_signatures_of_urls_are_left_out_of_reasons():
    error = OSError("GET https://x.blob.example/b/a?sv=1&sig=abc%2B1&se=2 failed.\nDebug: sig=abc")
    assert reason(error) == "GET https://x.blob.example/b/a?sv=1&sig=***&se=2 failed"
