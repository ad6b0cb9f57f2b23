"""Steps that edit lots and ledger together.

What a step writes is worked out on plain rows first, so that nothing is touched where it is
refused; whether the figures are right afterwards is asked of kcngeo, as always.
"""
