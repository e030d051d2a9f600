import polars as pl
import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.rfm.cuts_file import read_cuts
from whalecurve.engine.rfm.scores import Thresholds, with_rfm
from whalecurve.engine.settings import Scoring

GOOD = "r = [365, 30]\nf = [2, 5]\nm = [50, 99.5]\n"


def written(folder, text):
    path = folder / "cuts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_cut_offs_give_scores_by_hand(tmp_path):
    cuts = read_cuts(written(tmp_path, GOOD))
    assert cuts == Thresholds(bins=3, days_since_last=(365, 30), n_purchase_days=(2, 5), value=(50.0, 99.5))
    customers = pl.LazyFrame(
        {"days_since_last": [366, 365, 30, 0], "n_purchase_days": [1, 2, 4, 5], "value": [49.99, 50.0, 99.0, 99.5]}
    )
    assert with_rfm(customers, cuts).collect()["rfm_score"].to_list() == ["111", "222", "322", "333"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("r = [1", "no TOML"),
        ("r = [365, 30]\nf = [2, 5]\n", "no list m; there are r (days since last), f (purchase days) and m (value)"),
        (GOOD + "x = [1]\n", '"x" is no list of cut-offs; there are r'),
        (GOOD.replace("[2, 5]", "2"), "f is 2, expected a list of purchase days"),
        (GOOD.replace("[2, 5]", "[]"), "f has 0 cut-offs, which make 1 scores; give 1 to 9 of them"),
        (GOOD.replace("[2, 5]", str(list(range(1, 11)))), "f has 10 cut-offs, which make 11 scores"),
        (GOOD.replace("[2, 5]", "[2]"), "r has 2, f has 1, m has 2 cut-offs; give each the same number"),
        (
            GOOD.replace("[365, 30]", "[30, 365]"),
            "r[1] is 365 after 30; write falling cut-offs, from that of score 2 on",
        ),
        (GOOD.replace("99.5", "50"), "m[1] is 50 after 50; write rising cut-offs"),
        (GOOD.replace("[2, 5]", "[2, 5.5]"), "f[1] is 5.5, expected a whole number of purchase days, 1 or more"),
        (GOOD.replace("[2, 5]", "[0, 5]"), "f[0] is 0, expected a whole number of purchase days, 1 or more"),
        (GOOD.replace("[365, 30]", "[365, -1]"), "r[1] is -1, expected a whole number of days, 0 or more"),
        (GOOD.replace("[365, 30]", "[365, true]"), "r[1] is True, expected a whole number of days"),
        (GOOD.replace("99.5", '"99"'), "m[1] is '99', expected a number"),
        (GOOD.replace("99.5", "nan"), "m[1] is nan, expected a number"),
        (GOOD.replace("99.5", "1" + "0" * 400), "m[1] is 1000"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_file_list_and_entry(tmp_path, text, message):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as refusal:
        read_cuts(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none.toml: cannot be read \(No such file"):
        read_cuts(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rfm_method": "fixed"}, 'rfm_method="fixed" needs cut-offs; give a TOML file of them with `rfm_cuts`'),
        ({"rfm_cuts": "cuts.toml"}, '`rfm_cuts` goes with rfm_method="fixed", not with quantile'),
        ({"rfm_method": "deciles"}, '`rfm_method` "deciles" is unknown; choose one of quantile, fixed, nested'),
    ],
)
def test_method_and_cut_offs_go_together(settings, message):
    with pytest.raises(InputError) as refusal:
        Scoring(**settings)
    assert message in str(refusal.value)
