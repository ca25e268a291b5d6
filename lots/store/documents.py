"""Read and keep files (A14)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from lots.errors import NoSuchEntry
from lots.model import Checked, Document, DocumentId, MediaType, ProviderId
from lots.tables import DOCUMENT


def add_document(
    db: Connection,
    document_id: DocumentId,
    provider_id: ProviderId,
    file: Checked,
    uploaded_by: str,
    now: datetime,
) -> Document:
    """Keep a file that was looked into."""
    digest = hashlib.sha256(file.content).digest()
    db.execute(
        insert(DOCUMENT).values(
            id=document_id,
            provider_id=provider_id,
            media_type=file.media_type.value,
            content=file.content,
            sha256=digest,
            uploaded_by=uploaded_by,
            uploaded_at=now,
        )
    )
    return Document(document_id, provider_id, file.media_type, digest, len(file.content), uploaded_by, now)


def document(db: Connection, document_id: UUID) -> Document:
    """Read what is known of a file, without its bytes; raise `NoSuchEntry`."""
    row = db.execute(
        select(
            *(one for one in DOCUMENT.c if one.key != "content"), func.octet_length(DOCUMENT.c.content).label("size")
        ).where(DOCUMENT.c.id == document_id)
    ).one_or_none()
    if row is None:
        raise NoSuchEntry("document", document_id)
    return Document(
        DocumentId(row.id),
        ProviderId(row.provider_id),
        MediaType(row.media_type),
        row.sha256,
        row.size,
        row.uploaded_by,
        row.uploaded_at,
    )


def content(db: Connection, document_id: UUID) -> bytes:
    """Read a file's bytes; raise `NoSuchEntry`."""
    found = db.scalar(select(DOCUMENT.c.content).where(DOCUMENT.c.id == document_id))
    if found is None:
        raise NoSuchEntry("document", document_id)
    return bytes(found)
