"""The call simulator: callers, the carrier, virtual time, the embedded switch, scenarios."""
