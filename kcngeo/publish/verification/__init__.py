"""Verification: prove or refute a product's folder, whatever was done to it."""

from kcngeo.publish.verification.folder import verify
from kcngeo.publish.verification.signature import sign
from kcngeo.publish.verification.verdict import Difference, Verdict

__all__ = ["Difference", "Verdict", "sign", "verify"]
