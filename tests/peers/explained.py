"""Failures that schemathesis reports → those that nobody has explained, one line each; exits with 1 where there is one.

Reads what it writes to the terminal, on standard input. A reason is given for one kind of request and no more, so that
another failure of the same operation is still seen.
"""

import re
import sys

REJECTED, ACCEPTED = "ST202", "ST201"
FORM = "Content-Type: application/x-www-form-urlencoded"
# The lists in the forms of the documents that are tried.
LISTS = "photoUrls|[oO]ptInKeywords"


def lacks_list(block):
    """An empty list is written in a form as nothing, and looks like one that was forgotten."""
    return REJECTED in block and FORM in block and re.search(r"/pet\b", block) and "photoUrls" not in block.partition("curl ")[2]


def has_one_item(block):
    """A list of one item is written in a form as the item is, so that nobody can tell a text from it."""
    return ACCEPTED in block and FORM in block and re.search(rf"({LISTS}): Incorrect type", block)


def is_xml_boolean(block):
    """In XML 0 and 1 are booleans as well (XML Schema Part 2, section 3.2.2)."""
    return ACCEPTED in block and "Incorrect type" in block and re.search(r"<complete>\s*[01]\s*</complete>", block)


def is_no_float(block):
    """The document says `format: float`, and no float is as large (OpenAPI Format Registry)."""
    numbers = re.findall(r'"price": (-?[0-9.]+(?:e[+-]?[0-9]+)?)', block)
    return REJECTED in block and any(abs(float(number)) > 3.4028234663852886e38 for number in numbers)


EXPLAINED = [lacks_list, has_one_item, is_xml_boolean, is_no_float]


def blocks(text):
    """Each failure with the name of its operation."""
    failures = text.partition("= FAILURES =")[2].partition("= SUMMARY =")[0]
    for section in re.split(r"^_{3,} ", failures, flags=re.M)[1:]:
        operation = section.partition(" _")[0]
        for failure in re.split(r"^\d+\. Test Case ID:", section, flags=re.M)[1:]:
            yield operation, failure


def main():
    text = sys.stdin.read()
    if "= SUMMARY =" not in text or re.search(r"= ERRORS =", text):
        print("schemathesis did not come to an end")
        return 1
    told, unexplained = {}, 0
    for operation, failure in blocks(text):
        reason = next((one.__doc__ for one in EXPLAINED if one(failure)), None)
        if reason:
            told[reason] = told.get(reason, 0) + 1
        else:
            unexplained += 1
            print(f"unexplained: {operation}: {' '.join(failure.split())[:400]}")
    for reason, count in told.items():
        print(f"explained, {count}: {reason}")
    reported = re.search(r"found (\d+) unique failures?", text)
    if (int(reported[1]) if reported else 0) != unexplained + sum(told.values()):
        print(f"it reports {reported and reported[1]} failures, of which not all were read")
        return 1
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
