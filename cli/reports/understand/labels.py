"""Labels beside what their customers then did, in words and tables."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whalecurve.cli.reports import titles
from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, interval, money, percent, ratio, table

if TYPE_CHECKING:
    from whalecurve.engine import LabelValidation

SCHEMES = {"risk": "churn risk", "spend_falling": "spend"} | titles.SCHEMES

Row = dict[str, Any]


def labels_text(found: "LabelValidation", out: Path | None) -> str:
    """The verdict, then a table for each cut, and whether the churned stayed away; `out`: where it was written."""
    data = found.to_dict()
    blocks = [_headline(data), _verdict(data)]
    for cut in data["cuts"]:
        rows = [row for row in data["labels"] if row["cut"] == cut]
        (churned,) = (row for row in data["churned"] if row["cut"] == cut)
        blocks += [_table(rows, data["value_is"]), _churned(churned)]
    return paragraphs([*blocks, notes(data["warnings"]), written_to(out)])


def _headline(data: dict[str, Any]) -> str:
    return (
        f"orders of {data['first_day']} to {data['as_of']}; customers scored as of {' and '.join(data['cuts'])}, and "
        f"each label held against what followed"
    )


def _verdict(data: dict[str, Any]) -> str:
    """How many labels hold of those with enough customers, and which do not."""
    names = {
        verdict: [f"{row['label']} ({SCHEMES[row['scheme']]})" for row in rows]
        for verdict in ("holds", "weak", "too few")
        if (rows := [row for row in data["verdicts"] if row["verdict"] == verdict])
    }
    n = len(data["verdicts"]) - len(names.get("too few", ()))
    lines = [
        f"{len(names.get('holds', ()))} of {count(n, 'label')} with enough customers hold: these then bought or spent "
        f"more, or less, than the others, as the label claims, with 95 % intervals apart"
        if n
        else "no label has enough customers to say whether it holds"
    ]
    for verdict, why in (("weak", "weak, not so on some day"), ("too few", "too few customers to tell")):
        if verdict in names:
            lines.append(f"{why}: {', '.join(names[verdict])}")
    return "\n".join(lines)


def _table(rows: list[Row], value: str) -> str:
    """One row a label; outcomes within each number of days, and the AUC, lift and value of the last."""
    spans = sorted({row["days"] for row in rows})
    header = [f"as of {rows[0]['cut']}", "label", "customers", "share"]
    for days in spans:
        header += [f"bought in {days}d", "others"]
    header += ["AUC", "lift", f"{value} each", "others", "claims to", "than", "verdict"]
    by_label: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_label.setdefault((row["scheme"], row["label"]), []).append(row)
    lines = [
        [SCHEMES[scheme] if i == 0 else "", *_line(by_label[scheme, label])]
        for scheme, members in groupby(by_label, key=lambda key: key[0])
        for i, (_, label) in enumerate(members)
    ]
    return table(header, lines, right=range(2, 8 + 2 * len(spans)))


def _line(rows: list[Row]) -> list[str]:
    """A label, from its rows by days ahead."""
    rows = sorted(rows, key=lambda row: row["days"])
    last = rows[-1]
    bought = [percent(row[name]) for row in rows for name in ("bought", "others_bought")]
    verb = {"bought": "buy", "spent": "spend"}[last["outcome"]]
    verdicts = dict.fromkeys(row["verdict"] for row in rows)
    return [
        last["label"],
        f"{last['customers']:,}",
        percent(last["share"]),
        *bought,
        ratio(last["auc"]),
        ratio(last["lift"]),
        money(last["spent"]),
        money(last["others_spent"]),
        "-" if last["says"] is None else f"{verb} {last['says']}",
        last["compared_with"],
        "-" if last["says"] is None else ", then ".join(verdicts),
    ]


def _churned(row: Row) -> str:
    """Whether the churned stayed away for another such span."""
    apart = f"; the next such span of {count(row['unobserved'], 'other')} was not observed" if row["unobserved"] else ""
    if not row["customers"]:
        return f"churned as of {row['cut']}: nobody's next such span was observed" + apart.replace("other", "customer")
    words = "at most a tenth, as it should be" if row["verdict"] == "holds" else "more than a tenth: a weak word here"
    return (
        f"churned as of {row['cut']}: {percent(row['back'])} of {count(row['customers'], 'customer')} bought within "
        f"the next such span ({interval(row['back_low'], row['back_high'], percent)}), {words}{apart}"
    )
