"""Clusters as text."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, first_rows, number, percent, table


def clusters_text(data: dict[str, Any], out: Path | None) -> str:
    """How customers are divided, how many clusters are stable, and how they agree with RFM segments."""
    return paragraphs(
        [
            _headline(data),
            _clusters(data),
            _stability(data),
            _agreement(data),
            _crossed(data),
            notes(data["warnings"]),
            written_to(out),
        ]
    )


def _headline(data: dict[str, Any]) -> str:
    n, k = data["customers"], len(data["clusters"])
    left_out = f"; {data['left_out']:,} lack a column" if data["left_out"] else ""
    found = f"as found in {data['applied']}" if data["applied"] else f"as of {data['as_of']}"
    return f"{count(n, 'customer')} in {count(k, 'cluster')}, {found}{left_out}"


def _clusters(data: dict[str, Any]) -> str:
    rows = [
        [str(row["cluster"]), f"{row['customers']:,}", percent(row["share"]), row["description"]]
        for row in data["clusters"]
    ]
    return table(["cluster", "customers", "share", "in words"], rows, right=(1, 2)) if rows else ""


def _stability(data: dict[str, Any]) -> str:
    rows = [
        [str(row["k"]), *(number(row[name], 2) for name in ("stability", "without_clusters", "excess"))]
        for row in data["stability"]
    ]
    header = ["clusters", "stability", "without any", "excess"]
    return table(header, rows, right=range(1, 4)) if rows else ""


def _agreement(data: dict[str, Any]) -> str:
    lines = []
    if data["rfm_agreement"] is not None:
        lines.append(f"agreement with RFM segments: {number(data['rfm_agreement'], 2)} (adjusted Rand index)")
    density = data["density"]
    if density is not None:
        words = f"by density: {count(density['clusters'], 'cluster')}, {percent(density['noise'])} in none"
        agreement = density["agreement"]
        lines.append(words if agreement is None else f"{words}; agreement {number(agreement, 2)}")
    return "\n".join(lines)


def _crossed(data: dict[str, Any]) -> str:
    """The RFM segments that make up each cluster, the largest three."""
    rows = []
    for cluster in data["clusters"]:
        own = [row for row in data["crossed"] if row["cluster"] == cluster["cluster"]][:3]
        words = [f"{row['rfm_segment']} {percent(row['customers'] / cluster['customers'])}" for row in own]
        rows.append([str(cluster["cluster"]), ", ".join(words)])
    return first_rows(["cluster", "mostly"], rows) if rows else ""
