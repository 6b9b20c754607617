"""Failures that schemathesis finds → those that nobody has explained, one line each; exits with 1 where there is one.

Arguments: the document, and the events of a run (`--report ndjson`), which tell of each failure of each request; the
terminal shows one of a kind for an operation. A reason is given for one kind of request and no more, so that another
failure of the same operation is still seen.
"""

import base64
import collections
import json
import re
import sys
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

# What each kind of refusal is told with, the usual status first.
STATUSES = {
    "missing-credential": (401, 403),
    "missing-param": (422, 400),
    "invalid-param": (422, 400),
    "missing-body": (422, 400),
    "invalid-body": (422, 400),
    "unsupported-media-type": (415, 422, 400),
}
FORM = "application/x-www-form-urlencoded"
LARGEST_FLOAT = 3.4028234663852886e38


class Document:
    """What a document says where a failure points."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = yaml.load(file, yaml.CBaseLoader) if not path.endswith(".json") else json.load(file)

    def follow(self, node):
        """What a reference within the document leads to; nothing for one into another file."""
        while isinstance(node, dict) and "$ref" in node:
            if not node["$ref"].startswith("#/"):
                return {}
            target = self.root
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[unquote(key).replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def operation(self, label):
        method, path = label.split(" ", 1)
        return self.follow(self.root["paths"][path]).get(method.lower(), {})

    def body(self, failure):
        return self.follow(self.operation(failure.label).get("requestBody", {}))

    def type(self, failure, name):
        """The type of a property of the body that was sent."""
        content = self.body(failure).get("content", {}).get(failure.media_type, {})
        schema = self.follow(content.get("schema", {}))
        return self.follow(schema.get("properties", {}).get(name, {})).get("type")

    def methods(self, path):
        """The methods of all templates that a path fits."""
        found = set()
        for template, item in self.root["paths"].items():
            pattern = "[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", template)))
            if re.fullmatch(pattern, path):
                found |= {key.upper() for key in self.follow(item)} & {"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"}
        return found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set())


class Failure:
    """A check that a response did not pass, with what was meant, what was sent and what came back."""

    def __init__(self, label, check, case, exchange):
        request, response = exchange["request"], exchange["response"] or {"status_code": 0, "headers": {}}
        described = ((case.get("meta") or {}).get("phase") or {}).get("data") or {}
        self.label, self.check = label, check["name"]
        self.message = check["failure_info"]["failure"]["message"]
        body = case.get("body")
        self.meant, self.is_without_content = body if isinstance(body, dict) else {}, body in ("", [], {})
        self.media_type = case.get("media_type")
        self.broken = described.get("location", "")
        self.method, self.path = request["method"], urlsplit(request["uri"]).path
        self.sent = base64.b64decode((request.get("body") or {}).get("$base64", "")).decode("utf-8", "replace")
        self.status, self.headers = response["status_code"], response["headers"]
        # Of too many violations the first ones are told, behind a remark.
        told = self.headers.get("standin-violations", ["[]"])[0]
        self.violations = json.loads(told.removeprefix("Too many violations! "))

    def is_of_wrong_type(self):
        """The property of the body that was given another type on purpose, where that is what is wrong."""
        found = re.fullmatch(r"/properties/([^/]+)/type", self.broken)
        return found[1] if self.is_accepted() and found and found[1] in self.meant else None

    def is_accepted(self):
        return self.check == "negative_data_rejection" and 200 <= self.status < 300

    def is_rejected(self):
        return self.check in ("positive_data_acceptance", "status_code_conformance") and 400 <= self.status < 500


def lacks_list(failure, violation):
    """An empty list is written in a form as nothing, and looks like one that was forgotten."""
    found = re.fullmatch(r'"(.*)" is a required property', violation["message"])
    is_written = found and found[1] in dict(parse_qsl(failure.sent))
    return found and failure.media_type == FORM and failure.meant.get(found[1]) == [] and not is_written


def lost_values(failure, violation):
    """Of an object in a list schemathesis writes the names into a form, and loses the values."""
    found = re.fullmatch(r"/([^/]+)/\d+", violation["pointer"])
    meant = failure.meant.get(found[1]) if found else None
    is_object = isinstance(meant, list) and any(isinstance(item, dict) for item in meant)
    return is_object and failure.media_type == FORM and violation["message"].endswith('is not of type "object"')


def is_no_float(failure, violation):
    """The document says `format: float`, and no float is as large (OpenAPI Format Registry)."""
    meant = failure.meant.get(violation["pointer"].removeprefix("/"))
    is_beyond = isinstance(meant, (int, float)) and abs(meant) > LARGEST_FLOAT
    return is_beyond and re.search(r"/(minimum|maximum)$", violation["document"])


def has_one_item(failure, document):
    """A list of one item is written in a form as the item is, so that nobody can tell a text from it."""
    name = failure.is_of_wrong_type()
    is_written_once = name and [key for key, _ in parse_qsl(failure.sent)].count(name) == 1
    return is_written_once and failure.media_type == FORM and document.type(failure, name) == "array"


def is_xml_boolean(failure, document):
    """In XML 0 and 1 are booleans as well (XML Schema Part 2, section 3.2.2)."""
    name = failure.is_of_wrong_type()
    is_digit = name and re.search(rf"<{re.escape(name)}>\s*[01]\s*</", failure.sent)
    return is_digit and failure.media_type == "application/xml" and document.type(failure, name) == "boolean"


def is_empty_in_xml(failure, document):
    """A text, a list and an object without content are written in XML as an element without content."""
    if failure.media_type != "application/xml" or not failure.is_accepted():
        return False
    name = failure.is_of_wrong_type()
    if name:
        is_empty = failure.meant[name] in ({}, "") and f"<{name}></{name}>" in failure.sent
        return is_empty and document.type(failure, name) in ("array", "object")
    return failure.is_without_content and re.fullmatch(r"<(\w+)></\1>", failure.sent)


def lost_body(failure, document):
    """An empty list is written in XML as no body at all, and the operation requires none."""
    is_lost = failure.is_accepted() and failure.media_type == "application/xml" and not failure.sent
    return is_lost and str(document.body(failure).get("required", "false")).lower() == "false"


def fits_another_path(failure, document):
    """A path such as /pets/mine fits /pets/{id} as well, and has the methods of both."""
    methods = document.methods(failure.path)
    if failure.check == "allow_header_conformance":
        return set(re.split(r",\s*", failure.headers.get("allow", [""])[0])) == methods
    return failure.check == "unsupported_method" and failure.method in methods


def has_no_refusal(failure, document):
    """The operation declares no answer for what is wrong with the request, which is told nevertheless."""
    if failure.check != "status_code_conformance" or not failure.violations:
        return False
    statuses = STATUSES.get(failure.violations[0]["kind"], (0,))
    declared = set(map(str, document.operation(failure.label).get("responses", {})))
    return failure.status == statuses[0] and not declared & {*map(str, statuses), "4XX", "default"}


def is_any_credential(failure, _):
    """A mock has no users: it lets in whoever carries credentials of the right form, and nobody without."""
    told = r"got `2\d\d .* \((invalid credentials provided|generated auth likely invalid)\)$"
    return failure.check == "ignored_auth" and re.search(told, failure.message)


# Why what is right was refused: each violation needs its reason.
OF_VIOLATIONS = [lacks_list, lost_values, is_no_float]
OF_FAILURES = [
    has_one_item,
    is_xml_boolean,
    is_empty_in_xml,
    lost_body,
    fits_another_path,
    has_no_refusal,
    is_any_credential,
]


def reasons(failure, document):
    """Why a failure is none; nothing where that is not known."""
    of_all = [next((one for one in OF_VIOLATIONS if one(failure, each)), None) for each in failure.violations]
    if failure.is_rejected() and of_all and all(of_all):
        return set(of_all)
    return {one for one in OF_FAILURES if one(failure, document)}


class Run:
    """What the events of a run tell."""

    def __init__(self, path):
        self.operations = self.selected = self.cases = 0
        self.failures, self.faults, labels = [], [], set()
        with open(path, encoding="utf-8") as file:
            for (kind, event), in (json.loads(line).items() for line in file):
                if kind == "LoadingFinished":
                    self.selected = event["statistic"]["operations"]["selected"]
                elif kind == "ScenarioFinished" and event["recorder"].get("cases"):
                    labels.add(event["recorder"]["label"])
                    self.read(event["recorder"])
                elif kind in ("NonFatalError", "FatalError", "Interrupted"):
                    self.faults.append(json.dumps(event)[:400])
                elif kind == "EngineFinished" and event["stop_reason"] == "completed":
                    self.operations = len(labels)

    def read(self, recorder):
        self.cases += len(recorder.get("checks", {}))
        for name, checks in recorder.get("checks", {}).items():
            for check in checks:
                if check["status"] != "success":
                    case, exchange = recorder["cases"][name]["value"], recorder["interactions"][name]
                    self.failures.append(Failure(recorder["label"], check, case, exchange))


def main(document, events):
    document, run = Document(document), Run(events)
    print(f"{run.operations} operations of {run.selected}, {run.cases} requests, {len(run.failures)} failures")
    explained, unexplained = collections.Counter(), collections.Counter()
    for failure in run.failures:
        found = reasons(failure, document)
        explained.update(found)
        if not found:
            told = " ".join(failure.message.split())[:300]
            unexplained[f"{failure.label}: {failure.check}: {failure.status}: {told}: {failure.sent[:200]}"] += 1
    for reason, count in explained.most_common():
        print(f"explained, {count}: {reason.__name__}: {reason.__doc__}")
    for line in [*unexplained, *run.faults]:
        print(f"unexplained: {line}")
    if not run.operations:
        print("schemathesis did not come to an end")
    return 1 if unexplained or run.faults or not run.operations else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
