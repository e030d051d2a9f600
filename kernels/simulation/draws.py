"""Random draws that depend on a seed and on nothing else: one stream for each customer and purpose.

Generator: splitmix64 (Steele, Lea & Flood 2014, OOPSLA '14, 453-472). A state of 64 bits
advances by a fixed odd number, and each output is a hash of the state. Where a stream starts
is itself a hash, of the seed, the customer and what the numbers are for. So any order of any
customer can be drawn again, alone, and neither batches nor files nor threads change a value.

A stream is a uint64[1] array, advanced in place.
"""

import math

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.functions.splitmix import STEP, mix64

Stream = NDArray[np.uint64]


@scalar
def stream_start(seed: np.uint64, customer: int, purpose: int) -> np.uint64:
    """State in which the stream of a customer (counted from 0) for a purpose (from 0) begins."""
    key = mix64(mix64(seed) + STEP * np.uint64(customer))
    return mix64(key + STEP * np.uint64(purpose))


@scalar
def uniform(stream: Stream) -> float:
    """Draw from the open interval (0, 1): the middles of 2^52 equal cells, so logs are finite."""
    stream[0] += STEP
    return (np.float64(mix64(stream[0]) >> np.uint64(12)) + 0.5) * 2.0**-52


@scalar
def exponential(stream: Stream) -> float:
    """Draw from the exponential with mean 1."""
    return -math.log(uniform(stream))


@scalar
def normal(stream: Stream) -> float:
    """Draw from the standard normal (Box & Muller 1958); the second of the pair is let go."""
    radius = math.sqrt(2.0 * exponential(stream))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@scalar
def log_gamma_variate(stream: Stream, shape: float) -> float:
    """Draw the logarithm of a Gamma(shape, rate 1), shape > 0.

    Source: Marsaglia & Tsang (2000), ACM TOMS 26(3), 363-372; below shape 1 their remark
    that Gamma(shape) = Gamma(shape + 1) · U^(1/shape). The logarithm, because small
    shapes draw values that no float holds.
    """
    d = (shape if shape >= 1.0 else shape + 1.0) - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(stream)
        cube = 1.0 + c * x
        if cube <= 0.0:
            continue
        log_v = 3.0 * math.log(cube)
        if math.log(uniform(stream)) < 0.5 * x * x + d - d * math.exp(log_v) + d * log_v:
            break
    boost = 0.0 if shape >= 1.0 else math.log(uniform(stream)) / shape
    return math.log(d) + log_v + boost


@scalar
def beta_variate(stream: Stream, a: float, b: float) -> float:
    """Draw from Beta(a, b): the share of one gamma in the sum of two; never NaN, however small a and b."""
    first = log_gamma_variate(stream, a)
    second = log_gamma_variate(stream, b)
    return 1.0 / (1.0 + math.exp(second - first))


@scalar
def pick(stream: Stream, cumulative: Vector) -> int:
    """Draw an index with the given cumulative probabilities (ascending, the last one 1)."""
    return int(np.searchsorted(cumulative, uniform(stream), side="right"))
