"""Billing, pure: from minutes, packs, seats and tenure to a bill. No I/O, no clock, no floats in money."""
