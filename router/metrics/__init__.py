"""Prometheus metrics of a running router: counted as calls go on (`meters`), read when somebody scrapes
(`exposition`)."""
