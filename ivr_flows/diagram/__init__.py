"""Diagrams: a flow as a picture, laid out in rows, as SVG or as Mermaid text."""

from .mermaid import as_mermaid
from .picture import Arrow, Box, Overlay, Picture, add_flow, picture_of
from .svg import as_svg

__all__ = ["Arrow", "Box", "Overlay", "Picture", "add_flow", "as_mermaid", "as_svg", "picture_of"]
