"""Write products to files, whole or not at all, and prove or refute what was written."""

from __future__ import annotations

from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.publish.manifest import read_manifest, verify
from kcngeo.publish.month import PARTS, month_bundle

__all__ = ["PARTS", "Bundle", "Provenance", "month_bundle", "read_manifest", "verify"]
