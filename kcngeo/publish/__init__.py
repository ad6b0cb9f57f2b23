"""Write products to files, whole or not at all, and prove or refute what was written."""

from __future__ import annotations

from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.publish.manifest import changed_files, read_manifest
from kcngeo.publish.month import ATLAS, PARTS, month_bundle
from kcngeo.publish.verification import Difference, Verdict, sign, verify

__all__ = [
    "ATLAS",
    "PARTS",
    "Bundle",
    "Difference",
    "Provenance",
    "Verdict",
    "changed_files",
    "month_bundle",
    "read_manifest",
    "sign",
    "verify",
]
