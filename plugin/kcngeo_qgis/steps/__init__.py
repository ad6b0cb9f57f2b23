"""Steps that edit the open package, and its way home: each an algorithm of Processing."""

from __future__ import annotations

from kcngeo_qgis.steps.bring_in import BringIn
from kcngeo_qgis.steps.correct import Correct
from kcngeo_qgis.steps.hand_back import HandBack
from kcngeo_qgis.steps.lease import Lease
from kcngeo_qgis.steps.merge import Merge
from kcngeo_qgis.steps.send_back import SendBack
from kcngeo_qgis.steps.split import Split

STEPS = (BringIn, Split, Merge, Lease, HandBack, Correct, SendBack)
