"""Documents as bytes: drawn, checked when they come from outside, bundled, sealed."""
