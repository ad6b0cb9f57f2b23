"""The command line: parse, call a product, write, exit code; nothing is computed here.

Data goes to standard output, messages to standard error. Exit codes: 0 done; 1 done, but a zone is
not computable (with ``--strict``: or a finding is a warning), or ``verify`` refutes; 2 bad input or
failure; 3 an unforeseen error. A file a group of commands, imported when one of them is called;
``commands`` lists them, and what they share is in ``shared``.
"""

from kcngeo.cli.shared import app, main

__all__ = ["app", "main"]
