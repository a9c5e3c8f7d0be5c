"""The configuration as revisions: what a candidate would change, what it must pass, how it comes into force."""
