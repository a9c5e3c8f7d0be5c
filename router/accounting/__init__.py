"""Billing over an open store: drafts of bills, issuing, payments, arrears. Functions for commands and services alike;
the arithmetic is in `router.billing`, what is kept in `router.store.billing`."""
