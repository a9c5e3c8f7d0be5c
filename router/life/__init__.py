"""The life of a 400 number and of the qualification behind it: pure, time is passed in."""
