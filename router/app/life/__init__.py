"""How the command line reaches `router.desk`, and shows what comes back."""
