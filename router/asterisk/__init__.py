"""Talking to Asterisk: the AGI and AMI codecs (sans-I/O, without a role) and the live service built on them."""
