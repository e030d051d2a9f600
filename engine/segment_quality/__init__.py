"""How good segments are: large enough, not too large, alike within, and which split would help most."""

from whalecurve.engine.segment_quality.quality_sums import QualitySums
from whalecurve.engine.segment_quality.quality_table import quality_of
from whalecurve.engine.segment_quality.remarks import remarked, remarks_of
from whalecurve.engine.segment_quality.stability import unstable

__all__ = ["QualitySums", "quality_of", "remarked", "remarks_of", "unstable"]
