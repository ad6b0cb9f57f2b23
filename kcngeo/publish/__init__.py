"""Write a month to files, whole or not at all, and prove or refute what was written."""

from __future__ import annotations

from kcngeo.publish.manifest import verify
from kcngeo.publish.writer import PARTS, write

__all__ = ["PARTS", "verify", "write"]
