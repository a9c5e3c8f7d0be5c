"""Asking the outside on behalf of flows: HTTP hosts that the configuration allows."""
