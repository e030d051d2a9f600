"""Tools that lists of customers go to: the columns that each takes, and how it wants contacts normalised and hashed."""

from whalecurve.engine.targets.contacts import (
    EMAIL_FORMS,
    PHONE_FORMS,
    email_fault,
    normalised_email,
    normalised_phone,
    normalised_text,
    phone_fault,
    sha256,
)
from whalecurve.engine.targets.target import FIELDS, PROPERTIES, Target, target_called, targets

__all__ = [
    "EMAIL_FORMS",
    "FIELDS",
    "PHONE_FORMS",
    "PROPERTIES",
    "Target",
    "email_fault",
    "normalised_email",
    "normalised_phone",
    "normalised_text",
    "phone_fault",
    "sha256",
    "target_called",
    "targets",
]
