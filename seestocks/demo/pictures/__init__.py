"""Draws the demo shop's products: made-up pictures, and easily seen to be so."""

from __future__ import annotations

from seestocks.demo.pictures.drawing import draw
from seestocks.demo.pictures.look import COLOURS, PATTERNS, Look
from seestocks.demo.pictures.shapes import SHAPES

__all__ = ["COLOURS", "PATTERNS", "SHAPES", "Look", "draw"]
