"""Names of array types, as signatures write them: what their elements are; shapes stand in the docstrings."""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
UInt32 = NDArray[np.uint32]
UInt16 = NDArray[np.uint16]
Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
