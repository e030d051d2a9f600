"""How well one prediction did on a holdout."""

from dataclasses import dataclass
from typing import Any, Literal

from whalecurve.engine.validation.accuracy import Accuracy, ProbabilityAccuracy


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How well a model, or a rule without one, predicted the holdout.

    value : None without a spend model
    probability : of at least one purchase within the risk horizon
    recalibrated : the same of the probabilities that the end of the past makes of them; None where it does not
    weekly_error : mean absolute error of the purchases of a week, or of a period where time is counted in them, as a
        share of the actual ones, over the holdout
    cumulative_error : the same of all purchases up to the end of a week; None for a baseline
    """

    name: str
    title: str
    kind: Literal["model", "baseline"]
    purchases: Accuracy
    value: Accuracy | None
    probability: ProbabilityAccuracy
    weekly_error: float | None
    cumulative_error: float | None
    recalibrated: ProbabilityAccuracy | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "purchases": self.purchases.to_dict(),
            "value": self.value.to_dict() if self.value else None,
            "probability": self.probability.to_dict(),
            "recalibrated": self.recalibrated.to_dict() if self.recalibrated else None,
            "weekly_error": self.weekly_error,
            "cumulative_error": self.cumulative_error,
        }
