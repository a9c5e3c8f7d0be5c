"""What `line400 bill` stands on: the till at which it is served, and what it shows."""
