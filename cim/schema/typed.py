"""The strongly typed message schemas of a noun (IEC 61968-100:2013, strongly typed services).

On the wire the root, Header, Request, Reply and Payload are in the namespace of these schemas,
their children in that of Message.xsd, the noun in its own.
"""

from __future__ import annotations

from lxml import etree

from cim.message import Kind, Verb
from cim.profile import Profile
from cim.schema.build import Make, document, maker
from cim.schema.names import MESSAGE, XS, Form, services_of


def message_xsd(noun: type[Profile], form: Form = Form.PLAIN) -> bytes:
    """The schema of the requests, events and answers of `noun` in one form.

    That of the sets does not refer to the noun; it is imported for who fills in the operations.
    """
    return _query_xsd(noun) if form is Form.QUERY else _plain_xsd(noun, form)


def _plain_xsd(noun: type[Profile], form: Form) -> bytes:
    name = form.name_of(noun)
    xs, root = _schema(noun, form)
    refers = [] if form is Form.SET else [xs("element", ref=f"obj:{name}")]
    root.extend(
        [
            _payload(xs, name, *refers),
            _parts(xs, f"{name}RequestMessageType", xs("element", name="Header", type=HEADER),
                   xs("element", name="Request", type="msg:RequestType", minOccurs="0"),
                   _optional_payload(xs, name)),
            _parts(xs, f"{name}EventMessageType", xs("element", name="Header", type=HEADER),
                   _optional_payload(xs, name)),
            *_answers(xs, name, ""),
        ]
    )  # fmt: skip
    root.extend(_roots(xs, noun, form))
    return document(root, f"Strongly typed messages of {name}.")


def _query_xsd(noun: type[Profile]) -> bytes:
    name = noun.__name__
    xs, root = _schema(noun, Form.QUERY)
    # a noun that only ever asks is itself the question
    asked = [_optional_payload(xs, name)] if noun.verbs == (Verb.GET,) else []
    root.extend(
        [
            _payload(xs, name, xs("element", ref=f"obj:{name}", minOccurs="0")),
            _request(xs, noun),
            _parts(xs, f"Get{name}RequestMessageType", xs("element", name="Header", type=HEADER),
                   xs("element", name="Request", type=f"tns:Get{name}RequestType", minOccurs="0"),
                   *asked),
            *_answers(xs, name, "Get"),
            xs("element", name=f"Get{name}RequestMessage", type=f"tns:Get{name}RequestMessageType"),
        ]
    )  # fmt: skip
    return document(root, f"Strongly typed query of {name}.")


HEADER = "msg:HeaderType"


def _schema(noun: type[Profile], form: Form) -> tuple[Make, etree._Element]:
    namespace, file = form.namespace(noun), noun.__name__
    file += "Change.xsd" if form is Form.CHANGE else ".xsd"
    prefixes = {"xs": XS, "tns": namespace, "msg": MESSAGE, "obj": noun.namespace}
    imports = {MESSAGE: "Message.xsd", noun.namespace: file}
    if form is Form.QUERY and noun.query is not None:
        prefixes["get"] = noun.query.namespace
        imports[noun.query.namespace] = f"{noun.query.__name__}.xsd"
    xs = maker(XS, prefixes)
    root = xs(
        "schema",
        *(xs("import", namespace=n, schemaLocation=f) for n, f in imports.items()),
        targetNamespace=namespace,
        elementFormDefault="qualified",
        attributeFormDefault="unqualified",
        version="1.0.0",
    )
    return xs, root


def _parts(xs: Make, name: str, *parts: etree._Element) -> etree._Element:
    return xs("complexType", xs("sequence", *parts), name=name)


def _payload(xs: Make, name: str, *first: etree._Element) -> etree._Element:
    return _parts(
        xs,
        f"{name}PayloadType",
        *first,
        xs("element", name="OperationSet", type="msg:OperationSet", minOccurs="0"),
        xs("element", name="Compressed", type="xs:string", minOccurs="0"),
        xs("element", name="Format", type="xs:string", minOccurs="0"),
    )


def _optional_payload(xs: Make, name: str) -> etree._Element:
    return xs("element", name="Payload", type=f"tns:{name}PayloadType", minOccurs="0")


def _request(xs: Make, noun: type[Profile]) -> etree._Element:
    many = {"minOccurs": "0", "maxOccurs": "unbounded"}
    if noun.query is None:
        more = xs("any", namespace="##other", processContents="lax", **many)
    else:  # anything foreign beside it would leave open which of the two is meant
        more = xs("element", ref=f"get:{noun.query.__name__}", minOccurs="0")
    return _parts(
        xs,
        f"Get{noun.__name__}RequestType",
        xs("element", name="StartTime", type="xs:dateTime", minOccurs="0"),
        xs("element", name="EndTime", type="xs:dateTime", minOccurs="0"),
        xs("element", name="Option", type="msg:OptionType", **many),
        xs("element", name="ID", type="msg:IdType", **many),
        more,
    )


def _answers(xs: Make, name: str, prefix: str) -> list[etree._Element]:
    response, fault = f"{prefix}{name}ResponseMessage", f"{prefix}{name}FaultMessage"
    return [
        _parts(xs, f"{response}Type", xs("element", name="Header", type=HEADER),
               xs("element", name="Reply", type="msg:ReplyType"), _optional_payload(xs, name)),
        _parts(xs, f"{fault}Type", xs("element", name="Reply", type="msg:ReplyType")),
        xs("element", name=response, type=f"tns:{response}Type"),
        xs("element", name=fault, type=f"tns:{fault}Type"),
    ]  # fmt: skip


def _roots(xs: Make, noun: type[Profile], form: Form) -> list[etree._Element]:
    name = form.name_of(noun)
    return [
        xs("element", name=operation.name, type=f"tns:{name}{Kind.of(operation.verb)}Type")
        for service in services_of(noun)
        if service.form is form
        for operation in service.operations
    ]
