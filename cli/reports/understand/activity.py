"""Activity as text."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, first_rows, interval, money, named, number, percent, table

RATES = {
    "session_to_cart": "sessions with a cart",
    "cart_to_checkout": "of these, with a checkout",
    "checkout_to_purchase": "sessions with a checkout that end in a purchase",
    "cart_to_purchase": "sessions with a cart that end in a purchase",
    "session_to_purchase": "sessions that end in a purchase",
    "cart_abandoned": "carts abandoned",
    "cart_recovered": "abandoned carts recovered later",
}
SHORT = {
    "session_to_cart": "cart",
    "session_to_purchase": "purchase",
    "cart_abandoned": "carts abandoned",
    "cart_recovered": "recovered",
}


def activity_text(data: dict[str, Any], out: Path | None) -> str:
    """Events read, segments of activity, what sessions and carts lead to, and whether activity tells who buys."""
    return paragraphs(
        [
            _headline(data),
            _segments(data),
            _rates(data),
            _carts(data),
            _groups(data, "segment", "RFM segment"),
            _groups(data, "channel", "channel"),
            _risk(data),
            notes(data["warnings"]),
            written_to(out),
        ]
    )


def _headline(data: dict[str, Any]) -> str:
    events = data["events"]
    share = events["used"] / events["rows"] if events["rows"] else None
    why = ", ".join(f"{n:,} {reason}" for reason, n in events["refused"].items())
    days = f"from {events['first_day'] or '-'} to {events['last_day'] or '-'}"
    customers = f"{count(events['customers'], 'customer')} of {events['customers_known']:,}"
    lines = [f"{events['rows']:,} events read: {events['used']:,} ({percent(share)}) of {customers}, {days}"]
    if why:
        lines.append(f"not used: {why}")
    visitors = events["without_customer"]["visitors"]
    if visitors:
        lines.append(f"events without a customer are of {count(visitors, 'visitor')}, who are not followed")
    return "\n".join(lines)


def _segments(data: dict[str, Any]) -> str:
    rows = [
        [row["activity_segment"], f"{row['customers']:,}", percent(row["share"]), money(row["total_value"])]
        for row in data["segments"]
        if row["by"] == "all"
    ]
    header = [f"as of {data['as_of']}", "customers", "share", "value so far"]
    return table(header, rows, right=range(1, len(header)))


def _rates(data: dict[str, Any]) -> str:
    of_all = {row["measure"]: row for row in data["rates"] if row["by"] == "all"}
    rows = [
        [
            words,
            percent(of_all[name]["rate"]),
            interval(of_all[name]["low"], of_all[name]["high"], percent),
            f"{of_all[name]['n']:,}",
        ]
        for name, words in RATES.items()
    ]
    header = ["of all", "share", f"{data['settings']['level']:.0%} interval", "of"]
    return table(header, rows, right=range(1, len(header)))


def _carts(data: dict[str, Any]) -> str:
    row = next((row for row in data["carts"] if row["by"] == "all"), None)
    if row is None or row["cart_value"] is None:
        return ""
    return (
        f"carts were worth {money(row['cart_value'])}, abandoned ones {money(row['abandoned_value'])}, of which "
        f"{money(row['recovered_value'])} were recovered"
    )


def _groups(data: dict[str, Any], by: str, title: str) -> str:
    rates: dict[Any, dict[str, Any]] = {}
    for row in data["rates"]:
        if row["by"] == by:
            rates.setdefault(row["value"], {})[row["measure"]] = row
    rows = [
        [
            named(value),
            f"{own['session_to_cart']['n']:,}" if "session_to_cart" in own else "0",
            *(percent(own[name]["rate"]) if name in own else "-" for name in SHORT),
        ]
        for value, own in rates.items()
    ]
    if not rows:
        return ""
    header = [title, "sessions", *SHORT.values()]
    return first_rows(header, rows, right=range(1, len(header)))


def _risk(data: dict[str, Any]) -> str:
    """What the holdout says of activity, either way."""
    test, untested = data["risk"]["test"], data["risk"]["untested"]
    if test is None:
        return f"whether activity tells who buys next was not tested: {untested}"
    gain = test["over_recalibrated"]
    verdict = (
        "activity since the last purchase tells who buys next, beyond what purchases do: churn_risk_with_activity is "
        "written"
        if test["is_better"]
        else "activity since the last purchase does not tell who buys next beyond what purchases do; churn risk stays "
        "that of the model"
    )
    rows = [
        [words, number(test["log_loss"][name], 4), number(test["auc"][name], 3)]
        for name, words in (("model", "model"), ("recalibrated", "recalibrated"), ("with_activity", "with activity"))
    ]
    header = [f"{test['days']} days after {test['split']}", "log loss", "AUC"]
    bounds = interval(gain["low"], gain["high"], lambda value: number(value, 4))
    return "\n\n".join(
        [
            verdict,
            table(header, rows, right=(1, 2)),
            f"gain with activity {number(gain['difference'], 4)} ({bounds}) a customer, of {test['n_customers']:,}, "
            f"{test['n_bought']:,} of whom bought",
        ]
    )
