"""What callers notice of a change: the calls whose line, flow, path or outcome differ between two configurations.

`affected` says which numbers a change can touch at all, `comparing` cuts the calls to them exactly (`router.partition`)
and asks both books, `flows` compares the paths of flows that changed, `rows` groups what differs, `words` says it.
"""

from .affected import Affected, affected
from .comparing import Bounds, compare
from .rows import Behaviour, Row, counted

__all__ = ["Affected", "Behaviour", "Bounds", "Row", "affected", "compare", "counted"]
