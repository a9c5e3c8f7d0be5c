"""What the vendor's actions do here: the services behind `router.vendor`, over the same functions as the commands."""
