"""What an editor asks of a flow file: where a node is, who leads to it, what it says, what may be written here.

Pure: texts and positions in, values out. Lines and columns count from 0 here, columns in characters.
"""

from .completion import Candidate, complete
from .hover import hover
from .occurrences import (
    Occurrence,
    Span,
    as_scalar,
    checked_name,
    definition_of,
    flow_run_by,
    nodes_of,
    occurrence_at,
    occurrences,
    rename,
    span_of,
)
from .outside import named_outside, texts_named

__all__ = [
    "Candidate",
    "Occurrence",
    "Span",
    "as_scalar",
    "checked_name",
    "complete",
    "definition_of",
    "flow_run_by",
    "hover",
    "named_outside",
    "nodes_of",
    "occurrence_at",
    "occurrences",
    "rename",
    "span_of",
    "texts_named",
]
