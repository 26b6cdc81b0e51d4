"""The compiled loop that reads RDF/XML of the flat form (IEC 61970-552) out of bytes."""

from __future__ import annotations

from typing import Any

from cim.model.characters import (
    BANG,
    GT,
    HASH,
    LT,
    NAME,
    SLASH,
    SPACE,
    TAG,
    after,
    comment_end,
    decoded,
    is_of,
    tag_end,
    text_end,
    value,
)
from cim.model.interning import hashed, row_of, row_of_key, same, slot_of
from cim.model.memory import byte, njit, number, put_byte, word

AT, STOP, SUBJECT, NODE, BEFORE, FIRST, COUNT, IDS, TEXTS, ELEMENTS, GAP, TYPE_ROW, LOW, HIGH = (
    range(14)
)
STATES = 14
"""Places in the state of `flat`, all but the first two and the last two kept for its next call:

AT:       place in the data up to which all is done, between two tags.
STOP:     place of what it did not understand.
SUBJECT:  row of the object that is open, or -1.  NODE: row of the name of its tag.
BEFORE:   row of the name of the start tag before.  FIRST: first statement of the object.
COUNT, IDS, TEXTS, ELEMENTS: how many there are so far.  GAP: white space since the last tag.
TYPE_ROW: row of rdf:type in the names of the model, or -1.
LOW, HIGH: place of the name that is not known.
"""

HALT, OTHER, WANT_NAME, WANT_TYPE, HEADER, END = range(6)
"""Why `flat` came back.

HALT:      at STOP the data end, or are wrong.
OTHER:     they are certainly of another form.
WANT_NAME: the name from LOW to HIGH has to be entered.
WANT_TYPE: TYPE_ROW has to be set.
HEADER:    a header begins at AT.
END:       the root has ended at AT.
"""

OBJECT, UNTYPED, HEADING = range(3)
"""What the name of an object says: its class; nothing (rdf:Description); that it is a header."""

BORN, DESCRIBED, AGAIN = 1, 2, 4
"""Flags of an identity: made by an rdf:ID; has an element; a statement of it may be repeated."""

MOST_VALUE, MOST_COMMENT, MOST_GAP = 65_536, 65_536, 32 << 20
_TYPE, _LINK, _TEXT = 0, 1, 2
_WIDE = 32  # statements of one object up to which each is compared with each


@njit
def is_tag(at: int, raw: int, ends: int, row: int) -> bool:
    """Whether the name in this row stands at `at`; what follows is not looked at."""
    low = number(ends + 8 * row)
    return bool(same(at, raw + low, number(ends + 8 * row + 8) - low))


@njit
def length(ends: int, row: int) -> Any:
    return number(ends + 8 * row + 8) - number(ends + 8 * row)


@njit
def end_tag(at: int, raw: int, ends: int, row: int) -> int:
    """The address behind the end tag of this name at `at`, or ~ of what is no such tag."""
    if byte(at) != LT or byte(at + 1) != SLASH or not is_tag(at + 2, raw, ends, row):
        return ~at
    at = after(SPACE, at + 2 + length(ends, row))
    return at + 1 if byte(at) == GT else ~at


@njit
def flat(
    state: Any, places: Any, raw_name: Any, raw_role: Any, raw_next: Any, id_flags: Any,
    subjects: Any, properties: Any, kinds: Any, objects: Any, seed: Any
) -> int:  # fmt: skip
    """Read elements of the flat form, as far as they are there, into columns.

    state:    see AT; places are counted from the beginning of the data.
    places:   addresses: of the data, which are decoded in place; of the three names of attributes,
              and their lengths; and of three tables, of `raw` names, identities and texts.
    raw_name: of each name of an element as written, that of the root first, the row in the names
              of the model; raw_role: see OBJECT; raw_next: the name that came next.
    """
    data = places[0]
    about, ident, resource = places[1], places[2], places[3]
    about_length, id_length, resource_length = places[4], places[5], places[6]
    raw, raw_ends, raw_slots, raw_mask = places[7], places[8], places[9], places[10]
    id_blob, id_ends, id_slots, id_mask = places[11], places[12], places[13], places[14]
    text_blob, text_ends, text_slots, text_mask = places[15], places[16], places[17], places[18]
    at, subject, node, before = data + state[AT], state[SUBJECT], state[NODE], state[BEFORE]
    first, count, elements, gap = state[FIRST], state[COUNT], state[ELEMENTS], state[GAP]
    id_count, text_count, type_row = state[IDS], state[TEXTS], state[TYPE_ROW]
    verdict, stop = HALT, at
    while True:
        p = after(SPACE, at)
        gap += p - at
        at = stop = p
        if gap > MOST_GAP:
            verdict = OTHER
            break
        if byte(p) != LT:
            break
        mark = byte(p + 1)
        if mark == BANG:
            q = comment_end(p)
            if q < 0:
                stop = ~q
                break
            if q - p > MOST_COMMENT:
                verdict = OTHER
                break
            at = q
            continue

        if mark == SLASH:
            q = end_tag(p, raw, raw_ends, node if subject >= 0 else 0)
            if q < 0:
                stop = ~q
                break
            at, gap = q, 0
            if subject < 0:
                verdict = END
                break
            if says_again(properties, kinds, objects, first, count):
                id_flags[subject] |= AGAIN
            subject = -1
            continue

        p += 1
        own = int(raw_next[before])
        q = p + length(raw_ends, own)
        if not (is_tag(p, raw, raw_ends, own) and is_of(TAG, byte(q))):
            stop = q = after(NAME, p)
            if q == p or not is_of(TAG, byte(q)):
                break
            code = hashed(p, q, seed)
            slot = slot_of(p, q, code, raw, raw_ends, raw_slots, raw_mask)
            if slot == 0:
                verdict = OTHER
                break
            if word(slot) == 0:
                state[LOW], state[HIGH] = p - data, q - data
                verdict = WANT_NAME
                break
            own = (number(slot) & 0xFFFFFFFF) - 1
            raw_next[before] = own
        role = raw_role[own]

        if subject < 0:
            if role == HEADING:
                verdict = HEADER
                break
            if role == OBJECT and type_row < 0:
                verdict = WANT_TYPE
                break
            stop = p = after(SPACE, q)
            if p == q:
                break
            born = False
            if same(p, about, about_length):
                p += about_length
            elif same(p, ident, id_length):
                born = True
                p += id_length
            else:
                break
            low, high, coded = value(p)
            if low < 0:
                stop = ~low
                break
            q, closed = tag_end(high + 1)
            if q < 0:
                stop = ~q
                break
            if coded:
                high = decoded(low, high)
            if high == 0 or high - low > MOST_VALUE:
                verdict = OTHER
                break
            if born:
                low -= 1  # where its quote was
                put_byte(low, HASH)
            row = row_of_key(low, high, id_blob, id_ends, id_slots, id_mask, id_count, seed)
            if row < 0:
                verdict = OTHER
                break
            if row == id_count:
                id_flags[row] = 0
                id_count += 1
            flags = id_flags[row]
            if born and flags & BORN:
                verdict = OTHER
                break
            if flags & DESCRIBED:
                flags |= AGAIN
            id_flags[row] = flags | DESCRIBED | (BORN if born else 0)
            first = count
            if role == OBJECT:
                subjects[count] = row
                properties[count] = type_row
                kinds[count] = _TYPE
                objects[count] = raw_name[own]
                count += 1
            if not closed:
                subject, node = row, own
        else:
            if role != OBJECT:
                verdict = OTHER
                break
            p = after(SPACE, q)
            if byte(p) == GT or byte(p) == SLASH:
                kind, coded = _TEXT, False
                low, closed = tag_end(p)
                if low < 0:
                    stop = ~low
                    break
                high = q = low
                if not closed:
                    high, coded = text_end(low)
                    q = high
                    if high < 0:
                        stop = ~high
                        break
            else:
                kind = _LINK
                stop = p
                if p == q or not same(p, resource, resource_length):
                    break
                low, high, coded = value(p + resource_length)
                if low < 0:
                    stop = ~low
                    break
                q, closed = tag_end(high + 1)
                if q < 0:
                    stop = ~q
                    break
                if not closed:
                    q = after(SPACE, q)
            if not closed:
                q = end_tag(q, raw, raw_ends, own)
                if q < 0:
                    stop = ~q
                    break
            if coded:
                high = decoded(low, high)
            if high == 0:
                verdict = OTHER
                break
            if kind == _TEXT:
                row = row_of(
                    low, high, text_blob, text_ends, text_slots, text_mask, text_count, seed
                )
                if row == text_count:
                    text_count += 1
            else:
                if high - low > MOST_VALUE:
                    verdict = OTHER
                    break
                row = row_of_key(low, high, id_blob, id_ends, id_slots, id_mask, id_count, seed)
                if row == id_count:
                    id_flags[row] = 0
                    id_count += 1
            if row < 0:
                verdict = OTHER
                break
            subjects[count] = subject
            properties[count] = raw_name[own]
            kinds[count] = kind
            objects[count] = row
            count += 1
        at, gap, before = q, 0, own
        elements += 1
    state[AT], state[SUBJECT], state[NODE], state[BEFORE] = at - data, subject, node, before
    state[FIRST], state[COUNT], state[ELEMENTS], state[GAP] = first, count, elements, gap
    state[IDS], state[TEXTS], state[STOP] = id_count, text_count, stop - data
    return verdict


@njit
def says_again(properties: Any, kinds: Any, objects: Any, first: int, count: int) -> bool:
    """Whether two statements of one object are the same, or are too many to be looked at here."""
    if count - first > _WIDE:
        return True
    for a in range(first + 1, count):
        for b in range(first, a):
            same_object = objects[a] == objects[b] and kinds[a] == kinds[b]
            if same_object and properties[a] == properties[b]:
                return True
    return False
