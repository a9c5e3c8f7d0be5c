"""The rules of the linter, one module each with its page in ``docs/rules``; `ivr_flows.lint.registry` lists them."""
