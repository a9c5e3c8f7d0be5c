"""Foreign flows in and out.

A *source reader* (one module per system) turns a file into `Graph`s of our node types; `complete` gives a graph
what our language demands; `retries` folds the ways back to an input into its retries; `write_yaml` writes the flow
file. `report` puts it together, reads the result back with our own loader, and turns any node that this refuses
into an ``opaque`` one.

Reading does no I/O and never raises for what a file holds, except `UnreadableFile`, which says where and why no
flow can be made of it. Every node of the source ends as a node of ours; what did not survive is a `Lost`.
"""

from .graph import Graph, Lost, Node
from .reading import UnreadableFile
from .report import FORMATS, Imported, ImportedFlow, import_flows

__all__ = ["FORMATS", "Graph", "Imported", "ImportedFlow", "Lost", "Node", "UnreadableFile", "import_flows"]
