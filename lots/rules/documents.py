"""Look into a file before it is kept: what it is by its content, and nothing in it that acts (A14).

What somebody calls a file, or says it is, counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from lots.errors import DocumentUnfit
from lots.model import Checked, MediaType, Unfit

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PAGES: Final = 200
MOST_POINTS: Final = 30_000_000
"""Points of an image; a small file can unfold into more than a machine holds."""

MOST_OBJECTS: Final = 20_000
MOST_UNFOLDED: Final = 20_000_000
"""Bytes into which one compressed part of a PDF may unfold."""

STARTS: Final = ((b"%PDF-", MediaType.PDF), (b"\x89PNG\r\n\x1a\n", MediaType.PNG), (b"\xff\xd8\xff", MediaType.JPEG))

ACTS: Final = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound"}
)
"""Actions that do more than turn a page (ISO 32000-1, table 198). Links to the web stay: they wait for a click."""

CARRIES: Final = frozenset({"/JS", "/JavaScript", "/AA", "/XFA", "/RichMedia", "/RichMediaContent"})
HOLDS: Final = frozenset({"/EmbeddedFile", "/EmbeddedFiles", "/EF", "/Collection"})
ARCHIVES: Final = (b"PK\x05\x06", b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
ARCHIVE_TAIL: Final = 66_000
"""An archive is found from its end; its mark lies within so many bytes of it."""


def check_document(content: bytes) -> Checked:
    """Check a file and give it as it may be kept: a PDF as it is, an image painted anew without what it carried.

    Raise `DocumentUnfit`.
    """
    if not content:
        raise DocumentUnfit(Unfit.EMPTY)
    if len(content) > MOST_BYTES:
        raise DocumentUnfit(Unfit.TOO_LARGE)
    media_type = next((kind for start, kind in STARTS if content.startswith(start)), None)
    if media_type is None:
        raise DocumentUnfit(Unfit.UNKNOWN_TYPE)
    if media_type is MediaType.PDF:
        _check_pdf(content)
        return Checked(media_type, content)
    return Checked(media_type, _painted_anew(content, media_type))


def _check_pdf(content: bytes) -> None:
    # Imported here: the libraries take a noticeable part of the start-up time, and few requests need them.
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import PyPdfError

    _, end, rest = content.rpartition(b"%%EOF")
    if not end:
        raise DocumentUnfit(Unfit.BROKEN)
    if rest.strip(b"\r\n\t \0") or any(mark in content[-ARCHIVE_TAIL:] for mark in ARCHIVES):
        raise DocumentUnfit(Unfit.NESTED)
    try:
        with apply_configuration(zlib_maximum_output_length=MOST_UNFOLDED, lzw_maximum_output_length=MOST_UNFOLDED):
            reader = PdfReader(BytesIO(content), strict=False, xref_stream_maximum_entries=MOST_OBJECTS)
            if reader.is_encrypted:
                raise DocumentUnfit(Unfit.ENCRYPTED)
            if not 1 <= len(reader.pages) <= MOST_PAGES:
                raise DocumentUnfit(Unfit.TOO_MANY_PAGES if reader.pages else Unfit.BROKEN)
            for held in _dictionaries(reader):
                _check_passive(held)
    except (PyPdfError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as broken:
        raise DocumentUnfit(Unfit.BROKEN) from broken


def _dictionaries(reader: Any) -> Iterator[dict[str, Any]]:
    """Give every dictionary of every object, reached from a page or not."""
    from pypdf.generic import IndirectObject

    numbers = {(number, generation) for generation, those in reader.xref.items() for number in those}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise DocumentUnfit(Unfit.TOO_MANY_PAGES)
    waiting: list[Any] = [reader.trailer]
    waiting += [IndirectObject(number, generation, reader).get_object() for number, generation in sorted(numbers)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += dict.values(one)  # as it stands: an object that is only pointed to has its own turn
        elif isinstance(one, list):
            waiting += list.__iter__(one)


def _check_passive(held: dict[str, Any]) -> None:
    names = set(held)
    kinds = {str(value) for key, value in dict.items(held) if key in {"/S", "/Type", "/Subtype"}}
    if names & HOLDS or kinds & HOLDS or "/FileAttachment" in kinds:
        raise DocumentUnfit(Unfit.NESTED)
    if names & CARRIES or kinds & (ACTS | CARRIES):
        raise DocumentUnfit(Unfit.ACTIVE)


def _painted_anew(content: bytes, media_type: MediaType) -> bytes:
    from PIL import Image, ImageOps

    kind = {MediaType.PNG: "PNG", MediaType.JPEG: "JPEG"}[media_type]
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as looked_at:
            if looked_at.width * looked_at.height > MOST_POINTS:
                raise DocumentUnfit(Unfit.TOO_MANY_POINTS)
            looked_at.verify()
        with Image.open(BytesIO(content), formats=(kind,)) as found:
            plain = ImageOps.exif_transpose(found).convert("RGB")
    except (OSError, ArithmeticError, LookupError, TypeError, ValueError, SyntaxError, MemoryError) as broken:
        raise DocumentUnfit(Unfit.BROKEN) from broken
    except Image.DecompressionBombError as bomb:
        raise DocumentUnfit(Unfit.TOO_MANY_POINTS) from bomb
    plain.info.clear()
    painted = BytesIO()
    plain.save(painted, kind, optimize=False)
    if painted.tell() > MOST_BYTES:
        raise DocumentUnfit(Unfit.TOO_LARGE)
    return painted.getvalue()
