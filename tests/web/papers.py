"""Turn a PDF into pictures, to see what a printer would print."""

from __future__ import annotations

import pypdfium2
from PIL import Image, ImageChops

DOTS: int = 96
"""Dots an inch: enough to see a line that is cut off, small enough to be quick."""


def pictures(paper: bytes, dots: int = DOTS) -> list[Image.Image]:
    """Draw each page in grey, as wide and high as the paper at so many dots an inch."""
    with pypdfium2.PdfDocument(paper) as pages:
        return [page.render(scale=dots / 72).to_pil().convert("L") for page in pages]


def inked(page: Image.Image) -> tuple[int, int, int, int]:
    """Give the box that holds all ink of a page, in dots: left, top, right, bottom; all 0 for an empty page."""
    white = Image.new("L", page.size, 255)
    return ImageChops.difference(page, white).getbbox() or (0, 0, 0, 0)
