"""What the commands on qualifications and numbers share."""
