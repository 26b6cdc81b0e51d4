"""The envelope up to its payload as bytes without a tree: what lxml would write, sooner."""

from __future__ import annotations

from cim.message import Header, Message
from cim.schema.names import MESSAGE
from cim.xml import date_time_text

_BEGIN = "<?xml version='1.0' encoding='UTF-8'?>\n"


def begun_with(message: Message) -> bytes | None:
    """Declaration, root and header; None, when that is for lxml to write: with anything but the
    plain fields of a header, or a character that is not printable ASCII or is written otherwise.
    """
    header = message.header
    if message.request or message.reply or not _is_plain(header):
        return None
    when = date_time_text(header.timestamp) if header.timestamp is not None else None
    fields = (
        ("Verb", header.verb.value),
        ("Noun", header.noun),
        ("Revision", header.revision),
        ("Context", header.context),
        ("Timestamp", when),
        ("Source", header.source),
        ("MessageID", header.message_id),
        ("CorrelationID", header.correlation_id),
    )
    said = [f"<{name}>{text}</{name}>" for name, text in fields if text is not None]
    texts = "".join([text for _, text in fields if text is not None])
    if not texts.isascii() or not texts.isprintable() or _has_markup(texts):
        return None
    if "" in (text for _, text in fields):
        return None  # lxml writes <a></a> or <a/> for it
    kind = message.kind.value
    return f'{_BEGIN}<{kind} xmlns="{MESSAGE}"><Header>{"".join(said)}</Header>'.encode("ascii")


def _is_plain(header: Header) -> bool:
    return not (
        header.replay_detection
        or header.user
        or header.properties
        or header.extensions
        or header.comment is not None
        or header.reply_address is not None
        or header.ack_required is not None
        or header.async_reply_flag is not None
    )


def _has_markup(text: str) -> bool:
    return "<" in text or "&" in text or ">" in text
