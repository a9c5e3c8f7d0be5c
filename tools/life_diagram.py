"""Write the diagrams of docs/life.md anew from the table of moves: ``python tools/life_diagram.py``."""

from __future__ import annotations

from pathlib import Path

from router.life.diagram import with_diagrams

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "life.md"

if __name__ == "__main__":
    DOCUMENT.write_text(with_diagrams(DOCUMENT.read_text("utf-8")), "utf-8")
