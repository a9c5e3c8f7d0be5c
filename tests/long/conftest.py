"""What is run on a real Asterisk is collected where there is one, or has to be."""

from __future__ import annotations

from tests.asterisk import collected

collect_ignore = [] if collected() else ["test_asterisk_cases.py"]
