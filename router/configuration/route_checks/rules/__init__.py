"""The checks of routes, one module each; `router.configuration.route_checks.registry` lists them."""
