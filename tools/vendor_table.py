"""Write the table of the vendor's actions into docs/vendor-api.md: ``python -m tools.vendor_table``."""

from __future__ import annotations

from pathlib import Path

from router.vendor import document

FILE = Path(__file__).resolve().parents[1] / "docs" / "vendor-api.md"
BEGIN, END = "<!-- table: python -m tools.vendor_table -->\n", "<!-- end of table -->\n"


def main() -> None:
    """Replace what stands between the marks."""
    text = FILE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    FILE.write_text(f"{before}{BEGIN}\n{document()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
