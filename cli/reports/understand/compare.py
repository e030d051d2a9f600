"""Segment migration between two results, in words and tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from whalecurve.cli.reports import titles
from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, money, percent, table

if TYPE_CHECKING:
    from whalecurve.engine import Movement

MOST_MOVES = 10
WIDEST = 60  # characters that the labels of a matrix may take in its header; beyond it they are numbered


def comparison_text(movement: "Movement", out: Path | None) -> str:
    """How many came, went and moved; each scheme; the moves worth most; what moved in the models.

    out : where it was written
    """
    data = movement.to_dict()
    blocks = [_headline(data)]
    for scheme in data["schemes"]:
        blocks += [_mobility(scheme), _flows(scheme), _unstable(scheme), _matrix(scheme)]
    blocks += [_largest(data), _thresholds(data), _parameters(data), notes(data["warnings"]), written_to(out)]
    return paragraphs(blocks)


def _headline(data: dict[str, Any]) -> str:
    groups = data["customers"]
    n = {name: group["customers"] for name, group in groups.items()}
    worth = {
        name: f"{data['value_is']} {money(group['value_old'])} then, {money(group['value_new'])} now"
        for name, group in groups.items()
    }
    return "\n".join(
        [
            f"{data['old']['as_of']} to {data['new']['as_of']}, {count(data['days'], 'day')}: "
            f"{count(n['in_old'], 'customer')} then, {n['in_new']:,} now",
            f"{n['kept']:,} in both, {n['bought_since']:,} of whom bought since; {n['new']:,} new, {n['lost']:,} lost",
            f"{n['came_back']:,} came back: at high risk then, bought since; {worth['came_back']}",
            f"{n['put_at_risk']:,} put at risk: at low risk then, at high risk now; {worth['put_at_risk']}",
        ]
    )


def _mobility(scheme: dict[str, Any]) -> str:
    title = titles.SCHEMES[scheme["scheme"]]
    mobility = "-" if scheme["mobility"] is None else f"{scheme['mobility']:.3f}"
    words = f"{title}: {percent(scheme['retained_share'])} stayed; mobility {mobility} (Shorrocks)"
    if scheme["up_share"] is not None:
        words += f"; {percent(scheme['up_share'])} moved up, {percent(scheme['down_share'])} down"
    return words


def _flows(scheme: dict[str, Any]) -> str:
    rows = [
        [
            _state(row["segment"], scheme),
            *(f"{row[name]:,}" for name in ("customers_old", "customers_new")),
            percent(row["retained_share"]),
            percent(row["bought_since_share"]),
            *(f"{row[name]:,}" for name in ("customers_in", "customers_out")),
            f"{row['net_flow']:+,}",
            *(money(row[name]) for name in ("value_old", "value_new", "clv_total_old", "clv_total_new")),
        ]
        for row in scheme["segments"]
    ]
    header = [titles.SCHEMES[scheme["scheme"]], "then", "now", "stayed", "bought since", "in", "out", "net"]
    header += ["value then", "now", "value + CLV then", "now"]
    return table(header, rows, right=range(1, len(header)))


def _unstable(scheme: dict[str, Any]) -> str:
    """Segments that most customers have left; nothing where there are none."""
    return "\n".join(["unstable segments", *(f"  {told}" for told in scheme["unstable"])]) if scheme["unstable"] else ""


def _matrix(scheme: dict[str, Any]) -> str:
    """Of the customers of each label then, the share of each label now; "-" where there is nobody."""
    moves = scheme["moves"]
    starts, ends = (_states(scheme, {move[end] for move in moves}) for end in ("from", "to"))
    names = [_state(state, scheme) for state in ends]
    is_wide = sum(len(name) for name in names) > WIDEST
    number = {state: f"{i}" for i, state in enumerate(_states(scheme, set()), start=1)} if is_wide else {}
    shares = {(move["from"], move["to"]): move["share_of_from"] for move in moves}
    rows = [
        [
            f"{number.get(start, ''):>2} {_state(start, scheme)}" if is_wide else _state(start, scheme),
            f"{sum(move['customers'] for move in moves if move['from'] == start):,}",
            *(percent(shares.get((start, end))) for end in ends),
        ]
        for start in starts
    ]
    header = [f"{titles.SCHEMES[scheme['scheme']]} then, and now", "customers"]
    header += [number.get(state, name) for state, name in zip(ends, names, strict=True)]
    return table(header, rows, right=range(1, len(header)))


def _largest(data: dict[str, Any]) -> str:
    """The moves between segments that are worth most now, or were, where the customers are lost."""
    scheme = data["schemes"][0]
    moves = [move for move in scheme["moves"] if move["from"] != move["to"]]
    moves.sort(key=lambda move: -(move["value_old"] if move["value_new"] is None else move["value_new"]))
    rows = [
        [
            _state(move["from"], scheme),
            _state(move["to"], scheme),
            f"{move['customers']:,}",
            *(money(move[name]) for name in ("value_old", "value_new", "clv_total_old", "clv_total_new")),
        ]
        for move in moves[:MOST_MOVES]
    ]
    header = ["moved from", "to", "customers", "value then", "now", "value + CLV then", "now"]
    return table(header, rows, right=range(2, len(header))) if rows else ""


def _thresholds(data: dict[str, Any]) -> str:
    """Cut-offs of the scores, then and now."""
    cuts: dict[str, list[dict[str, Any]]] = {}
    for row in data["thresholds"]:
        cuts.setdefault(row["threshold"], []).append(row)
    high = [(title, cuts.pop(name)[0]) for name, title in titles.VALUE_AXES.items() if name in cuts]
    rows = [
        [title, when, *(_cut_off(row[which]) for row in cuts[name])]
        for name, title in titles.SCORED.items()
        if name in cuts
        for which, when in (("old", "then"), ("new", "now"))
    ]
    scores = [f"score {row['score']}" for row in cuts["value"]] if rows else []
    words = [f"high value: {title} from {_cut_off(row['old'])} then, {_cut_off(row['new'])} now" for title, row in high]
    if "risk_horizon" in cuts:
        row = cuts["risk_horizon"][0]
        words.append(f"risk horizon: {_cut_off(row['old'])} days then, {_cut_off(row['new'])} now")
    cut_offs = table(["threshold", "", *scores], rows, right=range(2, len(scores) + 2)) if rows else ""
    return "\n".join(block for block in (cut_offs, *words) if block)


def _parameters(data: dict[str, Any]) -> str:
    """Model parameters, with the difference in standard errors of a difference."""
    rows = [
        [
            titles.MODELS.get(row["model"], row["model"]),
            row["parameter"],
            f"{row['old']:.4g}",
            f"{row['new']:.4g}",
            "-" if row["in_standard_errors"] is None else f"{row['in_standard_errors']:+.1f}",
        ]
        for row in data["parameters"]
    ]
    header = ["model", "parameter", "then", "now", "standard errors apart"]
    return table(header, rows, right=range(2, len(header))) if rows else ""


def _states(scheme: dict[str, Any], present: set[str | None]) -> list[str | None]:
    """Labels in the scheme's order, then what else is present."""
    labels = [row["segment"] for row in scheme["segments"] if row["segment"] is not None]
    return [*labels, *(state for state in (None, "(new)", "(lost)") if state in present)]


def _state(state: str | None, scheme: dict[str, Any]) -> str:
    return titles.UNLABELLED[scheme["scheme"]] if state is None else state


def _cut_off(number: float | None) -> str:
    """Days and purchases as they are, money to the cent."""
    return "-" if number is None else f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
