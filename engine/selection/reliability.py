"""Whether a log can carry a forecast: enough buyers, repeat buyers and days, a fit that holds, a risk that ranks."""

from dataclasses import asdict, dataclass
from typing import Any

from whalecurve.engine.errors import Message, setting

LEAST_BUYERS, LEAST_REPEAT, LEAST_DAYS, LEAST_GAPS = 500, 100, 180, 3
"""Buyers, those of them who bought again, days observed, and median gaps in them: below, as products that sell CLV
publish, estimates of single customers are those of the population."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What the verdict rests on; CLV and risk are computed all the same.

    buyers, repeat : customers with a purchase, and with more than one purchase day
    observed_days : first and last day included
    median_gap : days by which half of the purchases that are followed by another have been; None where nobody came back
    fit : the fit's verdict, "good", "fair" or "poor"; None where it is not known
    risk_withheld : why the ranking by risk failed on the holdout; None where it held, or was not tested
    without_model : why there is no purchase model; None where there is one
    """

    buyers: int
    repeat: int
    observed_days: int
    median_gap: int | None
    fit: str | None
    risk_withheld: str | None
    without_model: str | None

    @property
    def reasons(self) -> list[str]:
        """Why the numbers are not reliable, in words; empty where they are."""
        reasons = []
        if self.buyers < LEAST_BUYERS:
            reasons.append(f"{self.buyers:,} buyers (at least {LEAST_BUYERS} needed)")
        if self.repeat < LEAST_REPEAT:
            reasons.append(f"{self.repeat:,} of them bought again (at least {LEAST_REPEAT} needed)")
        if self.observed_days < LEAST_DAYS:
            reasons.append(f"{self.observed_days:,} days observed (at least {LEAST_DAYS} needed)")
        if self.median_gap is not None and self.observed_days < LEAST_GAPS * self.median_gap:
            reasons.append(
                f"{self.observed_days:,} days observed, fewer than {LEAST_GAPS} median gaps of {self.median_gap:,} days"
            )
        if self.without_model is not None:
            reasons.append(f"no purchase model: {self.without_model}")
        if self.fit == "poor":
            reasons.append("the purchase model fits poorly")
        if self.risk_withheld is not None:
            reasons.append("risk is no better than chance on a holdout")
        return reasons

    @property
    def why_withheld(self) -> str | None:
        """Why nothing is said of CLV and risk where they have to be reliable; None where they are."""
        if not self.reasons:
            return None
        return Message(
            f"withheld by {setting('require_reliable', True)}, as CLV and risk are not reliable: "
            f"{'; '.join(self.reasons)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        reasons = self.reasons
        return {"is_reliable": not reasons, "reasons": reasons} | asdict(self)
