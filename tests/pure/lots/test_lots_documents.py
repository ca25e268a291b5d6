"""Files that lie about what they are, or carry something that acts (A14)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from lots.errors import DocumentUnfit
from lots.model import MediaType, Unfit
from lots.rules import documents
from lots.rules.documents import check_document


def a_pdf(change: Any = None, pages: int = 1) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if change:
        change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def an_image(kind: str, size: tuple[int, int] = (20, 10), **more: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, kind, **more)
    return out.getvalue()


def with_root(name: str, value: Any) -> Any:
    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject(name)] = writer._add_object(value)

    return change


def action(kind: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("calc.exe")})


def unfit(content: bytes) -> Unfit:
    with pytest.raises(DocumentUnfit) as refused:
        check_document(content)
    return refused.value.why


def test_plain_files_are_taken_for_what_they_are() -> None:
    whole = a_pdf(pages=3)
    taken = check_document(whole)
    assert (taken.media_type, taken.content) == (MediaType.PDF, whole)
    for kind, media_type in (("PNG", MediaType.PNG), ("JPEG", MediaType.JPEG)):
        painted = check_document(an_image(kind))
        assert painted.media_type is media_type
        with Image.open(BytesIO(painted.content)) as again:
            assert (again.format, again.size) == (kind, (20, 10))


def test_a_picture_is_painted_anew_without_what_it_carried() -> None:
    exif = Image.Exif()
    exif[0x010E] = "the young person lives here"
    for kind in ("PNG", "JPEG"):
        carried = an_image(kind, exif=exif) + b"PK\x03\x04 and an archive <script>alert(1)</script>"
        kept = check_document(carried).content
        assert b"young person" not in kept
        assert b"script" not in kept


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", Unfit.EMPTY),
        (b"MZ\x90\x00 a program called cv.pdf", Unfit.UNKNOWN_TYPE),
        (b"<html><script>alert(1)</script>", Unfit.UNKNOWN_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Unfit.UNKNOWN_TYPE),
        (b"PK\x03\x04" + b"0" * 100, Unfit.UNKNOWN_TYPE),
        (b"GIF89a" + b"0" * 100, Unfit.UNKNOWN_TYPE),
        (b"junk before %PDF-1.7", Unfit.UNKNOWN_TYPE),
        (b"%PDF-1.7 and nothing else", Unfit.BROKEN),
        (b"%PDF-1.7\nnot a document\n%%EOF", Unfit.BROKEN),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, Unfit.BROKEN),
        (b"\xff\xd8\xff" + b"0" * 50, Unfit.BROKEN),
        (an_image("PNG")[:60], Unfit.BROKEN),
        (b"%PDF-" + b"0" * documents.MOST_BYTES, Unfit.TOO_LARGE),
        (a_pdf() + b"PK\x03\x04 an archive behind the end", Unfit.NESTED),
        (a_pdf() + b"PK\x05\x06" + b"\0" * 18 + b"%%EOF", Unfit.NESTED),
        (a_pdf(lambda writer: writer.encrypt("secret")), Unfit.ENCRYPTED),
        (a_pdf(with_root("/OpenAction", action("/JavaScript"))), Unfit.ACTIVE),
        (a_pdf(lambda writer: writer.add_attachment("cv.exe", b"MZ")), Unfit.NESTED),
        (a_pdf(with_root("/OpenAction", action("/Launch"))), Unfit.ACTIVE),
        (a_pdf(with_root("/OpenAction", action("/SubmitForm"))), Unfit.ACTIVE),
        (a_pdf(with_root("/Whatever", ArrayObject([action("/JavaScript")]))), Unfit.ACTIVE),
        (a_pdf(with_root("/OpenAction", action("/Launch"))).replace(b"/Launch", b"/L#61unch"), Unfit.ACTIVE),
    ],
    ids=lambda value: value.value if isinstance(value, Unfit) else "",
)
def test_what_lies_or_acts_is_refused(content: bytes, why: Unfit) -> None:
    assert unfit(content) is why


def test_an_action_that_no_page_leads_to_is_found() -> None:
    def hide(writer: PdfWriter) -> None:
        stream = DecodedStreamObject()
        stream.set_data(b"harmless")
        stream[NameObject("/Hidden")] = action("/Launch")
        writer._add_object(stream)

    assert unfit(a_pdf(hide)) is Unfit.ACTIVE


def test_too_many_pages_and_points_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_PAGES", 2)
    monkeypatch.setattr(documents, "MOST_POINTS", 150)
    assert unfit(a_pdf(pages=3)) is Unfit.TOO_MANY_PAGES
    assert unfit(an_image("PNG")) is Unfit.TOO_MANY_POINTS
    assert unfit(an_image("JPEG")) is Unfit.TOO_MANY_POINTS
