"""Strategies for RDF/XML documents: flat ones, and ones of every shape."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr  # noqa: TID251 - writes, and reads nothing

from hypothesis import strategies as st

from tests.strategies import xml_text

CIM = "http://iec.ch/TC57/CIM100#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
OWN = "http://example.org/own/"
OTHER = "http://example.org/other"
HEAD = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{CIM}" xmlns:md="{MD}" xmlns:own="{OWN}"'

IDENTITIES = [
    "#_6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "#_a",
    "#plain",
    "urn:uuid:no-uuid",
    "http://example.org/thing?a=1&b=2",
    f"{CIM}PhaseCode.A",
]
CLASSES = ["cim:Breaker", "cim:Terminal", "own:Thing", "rdf:Description", "rdf:Bag"]
PROPERTIES = ["cim:Switch.open", "cim:IdentifiedObject.name", "own:p", "own:q", "rdf:value"]
SPACES = ["", "", "\n  ", "\r\n", "\t", "<!-- a - b -->", "\n<!---->\n"]

spaces = st.sampled_from(SPACES)
gaps = st.sampled_from(["", "", " ", "\n"])
names = st.sampled_from(PROPERTIES)
attributes = st.sampled_from([n for n in PROPERTIES if not n.startswith("rdf:")])
targets = st.sampled_from(IDENTITIES)
texts = st.sampled_from(["", "1", "1.0", "true", " ", "a\nb", "]]", "<&>\"'"]) | xml_text


@st.composite
def literals(draw: st.DrawFn) -> str:
    """A text as it may stand in a document, with references of all kinds."""
    pieces = []
    for character in draw(texts):
        plain = escape(character, {"\r": "&#13;"})
        forms = [plain, plain, f"&#{ord(character)};", f"&#x{ord(character):X};"]
        forms += [{'"': "&quot;", "'": "&apos;"}.get(character, plain)]
        pieces.append(draw(st.sampled_from(forms)))
    return "".join(pieces)


@st.composite
def quoted(draw: st.DrawFn, text: str) -> str:
    """A value in either quotes."""
    value = quoteattr(text)
    if '"' not in text and "'" not in text and draw(st.booleans()):
        return f"'{value[1:-1]}'"
    return value


@st.composite
def flat_properties(draw: st.DrawFn) -> str:
    name, gap, space = draw(names), draw(gaps), draw(spaces)
    if draw(st.booleans()):
        target = f"rdf:resource{draw(gaps)}={draw(gaps)}{draw(quoted(draw(targets)))}"
        if draw(st.booleans()):
            return f"<{name} {gap}{target}{gap}/>{space}"
        return f"<{name} {target}{gap}>{gap}</{name}{gap}>{space}"
    if not (text := draw(literals())) and draw(st.booleans()):
        return f"<{name}{gap}/>{space}"
    return f"<{name}{gap}>{text}</{name}{gap}>{space}"


@st.composite
def flat_objects(draw: st.DrawFn, born: set[str]) -> str:
    """born: what an rdf:ID has been used for; the standard allows one of each."""
    name, gap = draw(st.sampled_from(CLASSES)), draw(gaps)
    identity = draw(targets)
    how = "rdf:about"
    if identity.startswith("#") and identity not in born and draw(st.booleans()):
        born.add(identity)
        how, identity = "rdf:ID", identity[1:]
    start = f"<{name} {gap}{how}={draw(quoted(identity))}{gap}"
    content = "".join(draw(st.lists(flat_properties(), max_size=5)))
    if not content and draw(st.booleans()):
        return f"{start}/>"
    return f"{start}>{draw(spaces)}{content}</{name}{gap}>"


HEADERS = [
    '<md:FullModel rdf:about="urn:uuid:h"/>',
    "<md:FullModel rdf:about='urn:uuid:h'> <!-- </md:FullModel> -->"
    '<md:Model.created>2024</md:Model.created><md:Model.DependentOn rdf:resource="urn:uuid:d"/>'
    "</md:FullModel >",
]


@st.composite
def flat_documents(draw: st.DrawFn) -> bytes:
    """Of the form of IEC 61970-552, with or without a header."""
    objects = draw(st.lists(flat_objects(set()), max_size=6))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(objects)))
        objects.insert(place, draw(st.sampled_from(HEADERS)))
    return _document(draw, objects, "")


def _document(draw: st.DrawFn, objects: list[str], attributes: str) -> bytes:
    beginning = draw(
        st.sampled_from(
            ["", "\ufeff", "<?xml version='1.0'?>", '<?xml version="1.0" encoding="utf-8"?>\n']
        )
    )
    body = "".join(f"{draw(spaces)}{each}" for each in objects)
    around = draw(spaces)
    return f"{beginning}{around}{HEAD}{attributes}>{body}{around}</rdf:RDF>{around}".encode()


# -- every shape


class _Labels:
    """Identities that may be used once only."""

    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return f"id{self.count}"


languages = st.sampled_from(["", "", "", ' xml:lang="de"', ' xml:lang="en-GB"', ' xml:lang=""'])


@st.composite
def any_documents(draw: st.DrawFn) -> bytes:
    """RDF/XML that need not be flat."""
    labels = _Labels()
    objects = draw(st.lists(any_objects(labels, depth=3, top=True), max_size=4))
    base = draw(st.sampled_from(["", "", f' xml:base="{OTHER}#frag"']))
    return _document(draw, objects, base + draw(languages))


@st.composite
def any_objects(draw: st.DrawFn, labels: _Labels, depth: int, *, top: bool = False) -> str:
    ways = ["about", "ID", "nodeID"] if top else ["about", "ID", "nodeID", "none"]
    how = draw(st.sampled_from(ways))
    identity = {
        "about": f" rdf:about={quoteattr(draw(targets))}",
        "ID": f' rdf:ID="_{labels.next()}"',
        "nodeID": f' rdf:nodeID="{draw(st.sampled_from(["b1", "b2", "x"]))}"',
        "none": "",
    }[how]
    name = draw(st.sampled_from(CLASSES))
    said = draw(st.dictionaries(attributes, texts, max_size=2))
    own = "".join(f" {key}={quoteattr(value)}" for key, value in said.items())
    content = "".join(draw(st.lists(any_properties(labels, depth - 1), max_size=3)))
    return f"<{name}{identity}{own}{draw(languages)}>{content}</{name}>"


@st.composite
def any_properties(draw: st.DrawFn, labels: _Labels, depth: int) -> str:
    name = draw(names | st.sampled_from(["rdf:li", "rdf:li", "rdf:_7"]))
    shapes = [_text, _typed, _link, _blank, _attributes, _markup]
    if depth > 0:
        shapes += [_nested, _nested, _resource, _collection]
    own = draw(languages)
    if draw(st.integers(0, 5)) == 0:
        own += f' rdf:ID="{labels.next()}"'
    return draw(st.sampled_from(shapes))(draw, labels, depth, name, own)


def _text(draw: st.DrawFn, _l: _Labels, _d: int, name: str, own: str) -> str:
    return f"<{name}{own}>{draw(literals())}</{name}>"


def _typed(draw: st.DrawFn, _l: _Labels, _d: int, name: str, own: str) -> str:
    return f'<{name}{own} rdf:datatype="http://example.org/t">{draw(literals())}</{name}>'


def _link(draw: st.DrawFn, _l: _Labels, _d: int, name: str, own: str) -> str:
    return f"<{name}{own} rdf:resource={quoteattr(draw(targets))}/>"


def _blank(draw: st.DrawFn, _l: _Labels, _d: int, name: str, own: str) -> str:
    return f'<{name}{own} rdf:nodeID="{draw(st.sampled_from(["b1", "x", "y"]))}"/>'


def _attributes(draw: st.DrawFn, _l: _Labels, _d: int, name: str, own: str) -> str:
    return f"<{name}{own} {draw(attributes)}={quoteattr(draw(texts))}/>"


def _markup(draw: st.DrawFn, _l: _Labels, _d: int, name: str, own: str) -> str:
    text = draw(st.sampled_from(["a", "a &amp; b"]))
    return f'<{name}{own} rdf:parseType="Literal">{text}</{name}>'


def _nested(draw: st.DrawFn, labels: _Labels, depth: int, name: str, own: str) -> str:
    return f"<{name}{own}>{draw(any_objects(labels, depth))}</{name}>"


def _resource(draw: st.DrawFn, labels: _Labels, depth: int, name: str, own: str) -> str:
    content = "".join(draw(st.lists(any_properties(labels, depth - 1), max_size=2)))
    return f'<{name}{own} rdf:parseType="Resource">{content}</{name}>'


def _collection(draw: st.DrawFn, labels: _Labels, depth: int, name: str, own: str) -> str:
    content = "".join(draw(st.lists(any_objects(labels, depth - 1), max_size=3)))
    return f'<{name}{own} rdf:parseType="Collection">{content}</{name}>'
