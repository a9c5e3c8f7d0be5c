"""The resources of the REST API: one module each, a tuple of operations over the services that the command line uses.

How to add a resource:

1. Write ``router/app/rest/THINGS.py`` with models for path, query, body and answer (see `router.api.fields`), handlers
   ``async def handler(call: Call[Path, Query, Body], served: Served)``, and a tuple ``OPERATIONS``; `calls` is a short
   example, `router.api.operation.Operation` says what each field means.
2. Name its tuple in `registry`. That is all: routes, roles, limits, errors, cursors, ETags, repeated requests and the
   OpenAPI document follow from the table, and so do the tests.
3. What needs a right that is not there yet: a line in `router.api.roles`.

A handler raises what the services raise (`Problem`, `StoreError`, anything with ``message`` and ``cure``): `refusals`
says which status that is. Who acts is ``call.who.name``, when is ``call.now``.
"""
