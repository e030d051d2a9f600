import json
import tomllib
from importlib import resources

import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes.scheme import load_scheme, presets
from whalecurve.engine.schemes.tier_rules import ClvTiers, Lifecycle, Loyalty

REST = """
name = "two"
description = "Lately or not."
bins = 2
[[segment]]
name = "All"
action = "Wait."
[matrix]
retain = {name = "Retain", action = "Call."}
divest = {name = "Divest", action = "Stop."}
grow = {name = "Grow", action = "Offer."}
maintain = {name = "Maintain", action = "Mail."}
"""
TIERS = """
[clv_tiers]
[clv_tiers.high]
name = "whales"
share = 0.1
action = "Visit."
[clv_tiers.middle]
share = 0.15
[clv_tiers.low]
name = "rest"
[lifecycle]
active_until = 0.7
falling_beyond = 0.75
dormant_until = 0.97
[lifecycle.churned]
name = "gone"
[[loyalty.tier]]
name = "club"
amount = 1000
action = "Invite."
[[loyalty.tier]]
name = "friends"
amount = 99.5
action = "Greet."
[[loyalty.tier]]
name = "guests"
action = "Serve."
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "own.toml"
        path.write_text(REST + text, encoding="utf-8")
        return load_scheme(path)

    return read_text


def test_a_scheme_without_tiers_has_the_usual_ones(read):
    scheme = read("")
    assert (scheme.clv_tiers, scheme.lifecycle, scheme.loyalty) == (ClvTiers(), Lifecycle(), Loyalty())
    assert [tier.name for tier in scheme.clv_tiers.labels] == ["high", "middle", "low"]
    assert [stage.name for stage in scheme.lifecycle.labels] == ["new", "active", "dormant", "churned"]
    assert [tier.name for tier in scheme.loyalty.labels] == ["platinum", "gold", "silver", "bronze"]
    assert [str(top) for top in scheme.clv_tiers.tops] == ["1/5", "1/2"]
    assert [str(top) for top in scheme.loyalty.tops] == ["1/20", "1/5", "1/2"]
    points = scheme.lifecycle.active_until, scheme.lifecycle.falling_beyond, scheme.lifecycle.dormant_until
    assert points == (0.8, 0.9, 0.95)


@pytest.mark.parametrize("name", presets())
def test_a_preset_spells_the_usual_tiers_out(name):
    scheme = load_scheme(name)
    assert (scheme.clv_tiers, scheme.lifecycle, scheme.loyalty) == (ClvTiers(), Lifecycle(), Loyalty())
    table = tomllib.loads(
        resources.files("whalecurve.engine.schemes").joinpath(f"presets/{name}.toml").read_text("utf-8")
    )
    assert list(table["clv_tiers"]) == ["high", "middle", "low"]
    assert list(table["lifecycle"]) == [
        "active_until",
        "falling_beyond",
        "dormant_until",
        "new",
        "active",
        "dormant",
        "churned",
    ]
    assert len(table["loyalty"]["tier"]) == 4
    parts = (*scheme.clv_tiers.labels, *scheme.lifecycle.labels, *scheme.loyalty.labels)
    assert all(part.action[0].isupper() and part.action.endswith(".") for part in parts)


def test_what_a_scheme_says_replaces_the_usual(read):
    scheme = read(TIERS)
    assert [tier.name for tier in scheme.clv_tiers.labels] == ["whales", "middle", "rest"]
    assert [str(top) for top in scheme.clv_tiers.tops] == ["1/10", "1/4"]
    assert scheme.clv_tiers.high.action == "Visit."
    assert scheme.clv_tiers.low.action == ClvTiers().low.action
    assert [stage.name for stage in scheme.lifecycle.labels] == ["new", "active", "dormant", "gone"]
    points = scheme.lifecycle.active_until, scheme.lifecycle.falling_beyond, scheme.lifecycle.dormant_until
    assert points == (0.7, 0.75, 0.97)
    assert scheme.loyalty.amounts == (1000.0, 99.5)
    assert scheme.loyalty.tops == ()


REFUSED = {
    "a tier of another name": ("[clv_tiers.low]", "[clv_tiers.lower]", 'clv_tiers: unknown key "lower"; did you mean'),
    "a share of the last tier": (
        'name = "rest"',
        'name = "rest"\nshare = 0.5',
        'clv_tiers.low: unknown key "share"; there are',
    ),
    "a share in words": (
        "share = 0.1\n",
        'share = "a tenth"\n',
        "clv_tiers.high: share is 'a tenth', expected a share",
    ),
    "a share that is no number": ("share = 0.1\n", "share = nan\n", "clv_tiers.high: share is nan, expected a share"),
    "shares of everybody": ("share = 0.15", "share = 0.9", "clv_tiers: shares are 0.1, 0.9, expected numbers above 0"),
    "a share of nobody": ("share = 0.15", "share = 0", "clv_tiers: shares are 0.1, 0, expected numbers above 0"),
    "names used twice": ('name = "rest"', 'name = "whales"', 'clv_tiers: 2 tiers are called "whales"'),
    "an empty name": ('name = "rest"', 'name = ""', "clv_tiers.low: name is '', expected words in quotes"),
    "no fall": ("falling_beyond = 0.75", "falling_beyond = 0", "falling_beyond is 0, expected a share of the gaps"),
    "a fall in words": (
        "falling_beyond = 0.75",
        "falling_beyond = true",
        "falling_beyond is True, expected a share of",
    ),
    "a fall too fine": ("falling_beyond = 0.75", "falling_beyond = 0.333", "falling_beyond is 0.333, expected a share"),
    "stages in gaps": (
        "dormant_until = 0.97",
        "dormant_until = 3",
        "lifecycle: dormant_until is 3, expected a share of",
    ),
    "stages without end": ("dormant_until = 0.97", "dormant_until = inf", "dormant_until is inf, expected a share of"),
    "stages out of order": (
        "dormant_until = 0.97",
        "dormant_until = 0.5",
        "lifecycle: active_until is 0.7 and dormant_until 0.5; the second must not be less",
    ),
    "a stage misspelt": ("[lifecycle.churned]", "[lifecycle.churnt]", 'lifecycle: unknown key "churnt"; did you mean'),
    "a stage's name used twice": ('name = "gone"', 'name = "new"', 'lifecycle: 2 stages are called "new"'),
    "a stage that is no table": (
        '[lifecycle.churned]\nname = "gone"',
        "churned = 3",
        "lifecycle.churned is not a table; give it a name and an action",
    ),
    "amounts that rise": ("amount = 99.5", "amount = 5000", "loyalty: amount 1000 comes before 5000; amounts"),
    "an amount of nothing": ("amount = 99.5", "amount = 0", "loyalty: amount 0 comes before 0; amounts are above 0"),
    "an amount in words": ("amount = 1000", 'amount = "much"', "tier 1 \"club\": amount is 'much', expected an amount"),
    "shares and amounts": (
        "amount = 99.5",
        "share = 0.5",
        "loyalty: of 3 tiers, 1 with a share and 1 with an amount; give",
    ),
    "a share and an amount": (
        "amount = 99.5",
        "amount = 99.5\nshare = 0.5",
        "of 3 tiers, 1 with a share and 2 with an amount; give every",
    ),
    "neither": ("amount = 99.5\n", "", "of 3 tiers, 0 with a share and 1 with an amount; give every tier but"),
    "an amount of the last": ('name = "guests"', 'name = "guests"\namount = 1', 'tier "guests" is the last and takes'),
    "a loyalty tier misspelt": ('action = "Greet."', 'acton = "Greet."', 'tier 2 "friends": unknown key "acton"; did'),
    "a loyalty tier without action": ('action = "Greet."\n', "", 'loyalty: tier 2 "friends": no action; add it'),
    "a loyalty name used twice": ('"guests"', '"club"', 'loyalty: 2 tiers are called "club"'),
}


@pytest.mark.parametrize("case", REFUSED)
def test_tiers_are_refused_with_file_and_place_for(case, read):
    old, new, message = REFUSED[case]
    assert old in TIERS
    with pytest.raises(InputError) as refusal:
        read(TIERS.replace(old, new, 1))
    text = str(refusal.value)
    assert message in text
    assert "own.toml: " in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clv_tiers = 1", "own.toml: clv_tiers is not a table; write [clv_tiers]"),
        ("lifecycle = [1]", "own.toml: lifecycle is not a table; write [lifecycle]"),
        ("loyalty = 'gold'", "own.toml: loyalty is not a table; write [loyalty]"),
        ("[loyalty]\ntiers = []", 'own.toml: loyalty: unknown key "tiers"; did you mean "tier"?'),
        (
            "[loyalty]\ntier = 3",
            "own.toml: loyalty: tier is not a list of tables; begin each tier with [[loyalty.tier]]",
        ),
        ("[loyalty]\ntier = []", "own.toml: loyalty: the number of tiers is 0, expected 2 to 10"),
        ("[[loyalty.tier]]\nname = 'x'\naction = 'y'", "own.toml: loyalty: the number of tiers is 1, expected 2 to 10"),
    ],
)
def test_a_table_of_the_wrong_kind_is_refused(text, message, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(REST + text if text.startswith("[") else f"{text}\n{REST}", encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        load_scheme(path)
    assert message in str(refusal.value)


def test_the_rules_are_ranges_shares_points_and_amounts_and_no_action(read):
    scheme = read(TIERS)
    assert scheme.rules == {
        "segments": {"All": {"r": [1, 2], "f": [1, 2], "m": [1, 2]}},
        "clv_tiers": {"high_share": 0.1, "middle_share": 0.15},
        "lifecycle": {"active_until": 0.7, "falling_beyond": 0.75, "dormant_until": 0.97},
        "loyalty": {"club": {"amount": 1000.0}, "friends": {"amount": 99.5}, "guests": {}},
    }
    assert json.loads(json.dumps(scheme.rules)) == scheme.rules
    assert read(TIERS.replace("Visit.", "Call.")).rules == scheme.rules
    assert read(TIERS.replace("0.97", "0.96")).rules != scheme.rules
