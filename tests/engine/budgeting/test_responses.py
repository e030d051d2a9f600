"""Files of responses: what they may say, and one line for what they may not."""

import polars as pl
import pytest

from whalecurve.engine import InputError
from whalecurve.engine.budgeting.responses import NEEDED, read_responses
from whalecurve.engine.readouts.results import EFFECTS

SEGMENTS = ["Champions", "At risk", "Can't lose them"]
MAIL = 'name = "mail"\ncost = 0.5\n'


def read(folder, text):
    (folder / "responses.toml").write_text(text, encoding="utf-8")
    return read_responses(folder / "responses.toml", SEGMENTS)


def test_bounds_become_a_standard_error(tmp_path):
    found = read(tmp_path, f"[[offer]]\n{MAIL}response = 0.04\nlow = 0.02\nhigh = 0.06\n")
    (mail,) = found.offers
    assert (mail.offer, mail.cost, mail.segments, mail.per_stake) == ("mail", 0.5, tuple(SEGMENTS), True)
    assert mail.error == pytest.approx(0.02 / 1.959963984540054)
    assert (mail.most, mail.share, found.most, found.share, mail.source) == (None, None, None, None, "stated")


def test_an_effect_is_money_and_segments_are_named_as_people_type_them(tmp_path):
    text = (
        f"[limits]\nmost = 900\nshare = 0.5\n[[offer]]\n{MAIL}effect = 1.5\nerror = 0.5\n"
        'segments = ["cant_lose_them"]\nmost = 20\nshare = 0.1\n'
    )
    found = read(tmp_path, text)
    (mail,) = found.offers
    assert (mail.per_stake, mail.estimate, mail.error, mail.segments) == (False, 1.5, 0.5, ("Can't lose them",))
    assert (mail.most, mail.share, found.most, found.share) == (20, 0.1, 900, 0.5)


def read_out(folder):
    rows = [
        ("margin", "mail", None, 0.5, 0.1),
        ("margin", "mail", "At risk", 1.25, 0.25),
        ("orders", "mail", None, 1.0, 1.0),
    ]
    table = pl.DataFrame(rows, schema=list(NEEDED), orient="row")
    (folder / "read").mkdir()
    table.write_parquet(folder / "read" / "effects.parquet")


def test_what_is_read_of_an_experiment_is_what_is_written_of_one():
    assert set(NEEDED) <= set(EFFECTS)


def test_effects_of_an_experiment_are_those_of_its_segments(tmp_path):
    read_out(tmp_path)
    (mail,) = read(tmp_path, f'[[offer]]\n{MAIL}readout = "read"\nmetric = "margin"\n').offers
    assert (mail.segments, mail.estimate, mail.error, mail.per_stake) == (("At risk",), 1.25, 0.25, False)
    assert mail.source == "experiment"


def test_without_segments_of_its_own_the_effect_on_all_is_taken(tmp_path):
    read_out(tmp_path)
    text = f'[[offer]]\n{MAIL}readout = "read"\nmetric = "margin"\nsegments = ["Champions"]\n'
    (mail,) = read(tmp_path, text).offers
    assert (mail.segments, mail.estimate, mail.error) == (("Champions",), 0.5, 0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("offer =", "responses.toml: no TOML ("),
        ("", "no [[offer]]; a budget is not spread without a response"),
        ("offer = 3\n", "no [[offer]]"),
        ("[[offers]]\n", 'unknown key "offers"; did you mean "offer"?'),
        ("[[offer]]\ncost = 1\nresponse = 1.0\n", "offer 1: no name; add it"),
        (f"[[offer]]\n{MAIL}", 'offer 1 "mail": no response, and none is made up; state one of'),
        (f"[[offer]]\n{MAIL}response = 0.1\neffect = 1.0\n", "response and effect are both given"),
        (f"[[offer]]\n{MAIL}response = 0.1\nerror = -1.0\n", "error is -1; a standard error is nothing or more"),
        (f"[[offer]]\n{MAIL}response = 0.1\nlow = 0.0\n", "low without its other end"),
        (
            f"[[offer]]\n{MAIL}response = 0.1\nlow = 0.2\nhigh = 0.3\n",
            "response is 0.1, not between low 0.2 and high",
        ),
        (f"[[offer]]\n{MAIL}response = 0.1\nlow = 0.0\nhigh = 0.3\nerror = 0.1\n", "error and bounds are both given"),
        (f"[[offer]]\n{MAIL}response = nan\n", "response is nan, expected a number"),
        (f'[[offer]]\n{MAIL}response = 0.1\nsegments = ["nobody"]\n', 'segments "nobody": no such segment;'),
        (f"[[offer]]\n{MAIL}response = 0.1\nsegments = []\n", "segments is [], expected a list of names"),
        (f"[[offer]]\n{MAIL}response = 0.1\nmost = 1.5\n", "most is 1.5, expected a number of customers"),
        (f"[[offer]]\n{MAIL}response = 0.1\nshare = 2\n", "share is 2, expected one between 0 and 1"),
        (f'[[offer]]\n{MAIL}response = 0.1\narm = "a"\n', "arm goes with a readout"),
        ('[[offer]]\nname = "m"\ncost = -1\nresponse = 0.1\n', "cost is -1; a contact costs nothing or more"),
        (f"[[offer]]\n{MAIL}response = 0.1\n[[offer]]\n{MAIL}response = 0.2\n", '"mail" is given twice for Champions'),
        (f'[[offer]]\n{MAIL}readout = "none"\n', "cannot be read ("),
        ("limits = 3\n[[offer]]\nname = 'a'\ncost = 1\nresponse = 0.1\n", "limits is not a table"),
    ],
)
def test_what_a_file_may_not_say_is_one_line(tmp_path, text, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("", "the readout has the metrics margin, orders; name one with metric"),
        ('metric = "orders"\n', "an effect on orders is no money; name a metric of margin, revenue"),
        ('metric = "visits"\n', 'the readout has no metric "visits"; there are margin, orders'),
        ('metric = "margin"\narm = "call"\n', 'the readout has no arm "call"; there are mail'),
        ('metric = "margin"\nlow = 1.0\n', "low is in the readout; leave it out"),
    ],
)
def test_what_a_readout_does_not_have_is_one_line(tmp_path, more, message):
    read_out(tmp_path)
    with pytest.raises(InputError) as error:
        read(tmp_path, f'[[offer]]\n{MAIL}readout = "read"\n{more}')
    assert message in str(error.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"nope\.toml: cannot be read"):
        read_responses(tmp_path / "nope.toml", SEGMENTS)
