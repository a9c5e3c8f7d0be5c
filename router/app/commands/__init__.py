"""One module per group of commands; `router.app.registry` is the list of them."""
