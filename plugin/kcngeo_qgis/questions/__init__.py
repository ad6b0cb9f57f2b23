"""What can be asked of kcngeo: each an algorithm of Processing."""

from __future__ import annotations

from kcngeo_qgis.questions.account import Account
from kcngeo_qgis.questions.check import Check
from kcngeo_qgis.questions.conflicts import Conflicts
from kcngeo_qgis.questions.developable import Developable
from kcngeo_qgis.questions.month import Month
from kcngeo_qgis.questions.rates import Rates
from kcngeo_qgis.questions.sites import Sites

QUESTIONS = (Account, Rates, Conflicts, Developable, Sites, Check, Month)
