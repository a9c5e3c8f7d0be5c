"""The composition root: the command line, and what `serve`, `demo` and `call` are put together from.

Everything may be imported here; nothing imports this package. Modules of a command are imported only when the
command is used, so that ``line400 --help`` stays quick.
"""
