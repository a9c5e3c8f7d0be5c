"""The language server: what an editor shows of a configuration while somebody types. See docs/editors.md.

`checking` finds what is wrong, `server` speaks the protocol; only the latter needs ``pygls``, an optional dependency.
"""
