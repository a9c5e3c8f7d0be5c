"""What an editor asks of a flow file: where a node is, who leads to it, what it says, what may be written here.

Pure: texts and positions in, values out. Lines and columns count from 0 here, columns in characters.
"""

from .completion import Candidate, complete
from .hover import hover
from .occurrences import Occurrence, Span, definition_of, occurrence_at, occurrences, rename

__all__ = [
    "Candidate",
    "Occurrence",
    "Span",
    "complete",
    "definition_of",
    "hover",
    "occurrence_at",
    "occurrences",
    "rename",
]
