"""Whether two results mean the same by their numbers: their definitions, one by one."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from whalecurve.engine.comparison.model_changes import SCORED
from whalecurve.engine.errors import InputError, listed, setting, shown
from whalecurve.engine.publication import Result

MAY_DIFFER = {
    "as_of": "the two days that are compared",
    "forecast_from": "follows as_of",
    "segments": "how the scheme was named, by a path or a preset; its name and its labels are compared instead",
    "scheme_rules": "ranges, shares and amounts of the scheme; a warning names what differs",
    "action_precedence": "which action comes first, which moves nobody and is no number",
    "attributes": "the paths of files of customers of that day; conditions and rules that read them are compared",
    "attributes_key": "what their column of ids is called",
    "pool_below": "how small cells of dimensions are pooled, which scores nobody otherwise",
    "covariates": "the path of a file with the traits of that day; whether there is one is compared",
    "thresholds_from": "which run the thresholds were taken from; they are shown beside each other",
    "returns_rule": "what returns are taken off, by version and by whether there are order ids; a warning says so",
    "since": "where no line came before it, it left nothing out; else it is compared",
}
"""Definitions that differ between two results by nature, and why; what of them matters is compared in `_resolved`."""

MOST_RULES = 3
"""Rules of a scheme that a warning names."""

NEWER = {"spend": "gamma-gamma", "value_axis": "total", "season": "none", "recalibrate": False}
"""What was always done before there was a setting to do otherwise: what a result that does not know it means."""


def check_definitions(old: Result, new: Result, allow: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the definitions that differ and are allowed to; "columns" allows "columns.amount" and its like.

    Raises
    ------
    InputError
        Definitions that differ without leave, named with both values; a name in `allow` that is no definition.
    """
    schemes = set(old.segments["scheme"]) & set(new.segments["scheme"])
    before, after = (dict(_resolved(result, sorted(schemes))) for result in (old, new))
    names = [*before, *(name for name in after if name not in before)]
    for name in allow:
        if not any(_covers(name, definition) for definition in (*names, *MAY_DIFFER)):
            raise InputError(f"{setting('allow', [name])}: no such definition; choose one of {listed(names)}")
    differing = {
        name: pair
        for name in names
        if (pair := tuple(settings.get(name, NEWER.get(name)) for settings in (before, after)))[0] != pair[1]
    }  # a result that does not know a setting is one without it
    refused = {name: both for name, both in differing.items() if not any(_covers(given, name) for given in allow)}
    if refused:
        told = "; ".join(f"{name} {shown(then)} against {shown(now)}" for name, (then, now) in refused.items())
        raise InputError(
            f"{old.path} and {new.path}: not comparable, definitions differ: {told}; score both alike, "
            f"or take the differences into account with {setting('allow', list(refused))}"
        )
    return tuple(differing)


def definition_warnings(old: Result, new: Result) -> Iterator[str]:
    """Why numbers and labels of results that may be compared differ for another reason than what customers did."""
    yield from _returns(old, new)
    yield from _given_cut_offs(old, new)
    yield from _rules(old, new)


def _returns(old: Result, new: Result) -> Iterator[str]:
    before, after = (result.definitions.get("returns_rule") for result in (old, new))
    if before != after and (_has_returns(old) or _has_returns(new)):
        before, after = (rule or "by a rule that is not recorded" for rule in (before, after))
        yield (
            f"returns are taken {before} in {old.path}, {after} in {new.path}: monetary values, expected values and "
            f"CLV differ for that reason too; score both alike to compare them"
        )


def _given_cut_offs(old: Result, new: Result) -> Iterator[str]:
    is_taken = _is_taken(old) or _is_taken(new)
    before, after = (_cut_offs(result, is_whole=is_taken) for result in (old, new))
    if before != after and (is_taken or _is_fixed(old) or _is_fixed(new)):
        yield (
            f"scores are by {_origin(old)} in {old.path}, by {_origin(new)} in {new.path}, which are not the same: "
            f"customers change segments for that reason too"
        )


def _rules(old: Result, new: Result) -> Iterator[str]:
    before, after = (result.definitions.get("scheme_rules") for result in (old, new))
    if before == after:
        return
    effect = "customers change segments, tiers or stages for that reason too"
    if before is None or after is None:
        silent = old if before is None else new
        yield f"{silent.path} does not record the rules of its scheme: where they differ, {effect}"
        return
    before, after = (dict(_flat(rules)) for rules in (before, after))
    names = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    told = [f"{name} {shown(before.get(name))} against {shown(after.get(name))}" for name in names]
    yield f"the rules of the schemes differ, {listed(told, MOST_RULES, '; ')}: {effect}"


def _has_returns(result: Result) -> bool:
    """Whether there were any; a result that does not say may have had some."""
    return bool(result.manifest.get("lines", {}).get("returns", True))


def _is_taken(result: Result) -> bool:
    return result.definitions.get("thresholds_from") is not None


def _is_fixed(result: Result) -> bool:
    return result.definitions.get("rfm_method") == "fixed"


def _origin(result: Result) -> str:
    if _is_taken(result):
        return "the cut-offs of an earlier run"
    return "fixed cut-offs" if _is_fixed(result) else "cut-offs found among its customers"


def _cut_offs(result: Result, *, is_whole: bool) -> dict[str, Any]:
    """Those of R, F and M; where some are an earlier run's, those of high value and of tiers too."""
    thresholds = result.model["thresholds"]
    return {name: cuts for name, cuts in thresholds.items() if is_whole or name in ("bins", *SCORED)}


def _covers(given: str, name: str) -> bool:
    return name == given or name.startswith(f"{given}.")


def _resolved(result: Result, schemes: Collection[str]) -> Iterator[tuple[str, Any]]:
    """What has to be the same in both results, tables of settings flattened to dotted names; labels by scheme."""
    definitions = result.definitions
    for name, value in _flat(definitions):
        if not any(_covers(free, name) for free in MAY_DIFFER):
            yield name, value
    yield "since", definitions.get("since") if result.manifest["rows"]["refused"].get("before_since") else None
    yield "covariates", None if definitions.get("covariates") is None else "a file"
    for scheme in schemes:
        yield f"scheme.{scheme}", result.segments.filter(scheme=scheme)["segment"].drop_nulls().to_list()


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
