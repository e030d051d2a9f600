"""MBG/NBD from its definition: the BG/NBD customer with one toss of the dropout coin after the first purchase."""

from functools import partial

from tests.oracle import bgnbd

log_likelihood = partial(bgnbd.log_likelihood, tosses=1)
p_alive = partial(bgnbd.p_alive, tosses=1)
p_no_purchase = partial(bgnbd.p_no_purchase, tosses=1)
pmf = partial(bgnbd.pmf, tosses=1)
expected_purchases = partial(bgnbd.expected_purchases, tosses=1)
expected_if_alive = partial(bgnbd.expected_if_alive, tosses=1)
conditional_expected_purchases = partial(bgnbd.conditional_expected_purchases, tosses=1)
