"""Proofs of routing: for every number, every minute of a range and every kind of caller where the call ends."""

from .ends import End
from .findings import calendar_findings, findings_of
from .invariants import check_invariants, findings_of_invariants
from .prover import Nowhere, NumberProof, Outcome, Prover
from .table import Row, rows_of

__all__ = [
    "End",
    "Nowhere",
    "NumberProof",
    "Outcome",
    "Prover",
    "Row",
    "calendar_findings",
    "check_invariants",
    "findings_of",
    "findings_of_invariants",
    "rows_of",
]
