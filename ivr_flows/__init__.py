"""The flow language: what a caller hears and does, as a graph of nodes in YAML, run without I/O."""
