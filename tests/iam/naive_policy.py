"""A second, naive reading of the policy language, written for the tests alone: regular expressions, no compiling, no cache.

It covers what the property tests generate: Effect, Action/NotAction, Resource/NotResource, string, numeric, null
and set conditions, variables with defaults, identity ∩ boundary ∩ union of session policies.
"""

import re
from fnmatch import translate


def allowed(request, identity, boundary=None, sessions=None):
    """``request`` is (action, resource, context); policies are dicts."""
    everything = [*identity, *([boundary] if boundary else []), *(sessions or [])]
    if any(says(policy, "Deny", request) for policy in everything):
        return False
    layers = [identity]
    if boundary is not None:
        layers.append([boundary])
    if sessions is not None:
        layers.append(sessions)
    return all(any(says(policy, "Allow", request) for policy in layer) for layer in layers)


def says(policy, effect, request):
    return any(
        statement["Effect"] == effect and applies(statement, request, policy.get("Version"))
        for statement in as_list(policy["Statement"])
    )


def applies(statement, request, version):
    action, resource, context = request
    context = {key.lower(): value for key, value in context.items()}
    variables = version == "2012-10-17"
    if "Action" in statement:
        hit = any(wild(one.lower(), action.lower()) for one in as_list(statement["Action"]))
    else:
        hit = not any(wild(one.lower(), action.lower()) for one in as_list(statement["NotAction"]))
    if not hit:
        return False
    if "Resource" in statement:
        hit = any(arn(one, resource, context, variables) for one in as_list(statement["Resource"]))
    else:
        hit = not any(arn(one, resource, context, variables) for one in as_list(statement["NotResource"]))
    return hit and all(
        holds(operator, key, [str(v) for v in as_list(values)], context, variables)
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    )


def as_list(value):
    return value if isinstance(value, list) else [value]


def wild(pattern, text):
    # fnmatch also knows brackets, which the policy language does not.
    return re.match(translate(pattern.replace("[", "[[]")), text) is not None


def expand(pattern, context, wildcards):
    """The pattern as a regular expression, or None where a variable is not set."""
    out, rest = "", pattern
    while rest:
        if found := re.match(r"\$\{([*?$])\}", rest):
            out += re.escape(found[1])
        elif found := re.match(r"\$\{([^},]+)(?:, '([^']*)')?\}", rest):
            value = context.get(found[1].lower(), found[2])
            if value is None or isinstance(value, list):
                value = found[2]
            if value is None:
                return None
            out += re.escape(value)
        elif wildcards and (found := re.match(r"[*?]", rest)):
            out += "(?s:.*)" if found[0] == "*" else "(?s:.)"
        else:
            found = re.match(r"(?s).", rest)
            out += re.escape(found[0])
        rest = rest[found.end() :]
    return out


def arn(pattern, resource, context, variables):
    if pattern == "*":
        return True
    given = resource.split(":", 5)
    if len(given) < 6:
        return False
    fields = pattern.split(":", 5)
    fields += ["*"] * (6 - len(fields))
    if not all(wild(p, g) for p, g in zip(fields[:5], given[:5], strict=True)):
        return False
    if not variables:
        return wild(fields[5], given[5])
    expression = expand(fields[5], context, True)
    return expression is not None and re.fullmatch(expression, given[5]) is not None


def holds(operator, key, wanted, context, variables):
    key = key.lower()
    present = key in context and context[key] != []
    values = as_list(context[key]) if present else []
    if operator == "Null":
        return any(one == ("false" if present else "true") for one in wanted)
    if operator.endswith("IfExists"):
        if not present:
            return True
        operator = operator[: -len("IfExists")]
    if operator.startswith("ForAllValues:"):
        return all(single(operator[13:], value, wanted, context, variables) for value in values)
    if operator.startswith("ForAnyValue:"):
        return any(single(operator[12:], value, wanted, context, variables) for value in values)
    if not present:
        return "Not" in operator
    return any(single(operator, value, wanted, context, variables) for value in values)


def single(operator, value, wanted, context, variables):
    if "Not" in operator:
        return not single(operator.replace("Not", ""), value, wanted, context, variables)
    return any(compare(operator, value, one, context, variables) for one in wanted)


def compare(operator, value, one, context, variables):
    if operator.startswith("Numeric"):
        try:
            left, right = float(value), float(one)
        except ValueError:
            return False
        return {
            "NumericEquals": left == right,
            "NumericLessThan": left < right,
            "NumericLessThanEquals": left <= right,
            "NumericGreaterThan": left > right,
            "NumericGreaterThanEquals": left >= right,
        }[operator]
    wildcards = operator == "StringLike"
    if variables:
        expression = expand(one, context, wildcards)
        if expression is None:
            return False
    elif wildcards:
        return wild(one, value)
    else:
        expression = re.escape(one)
    flags = re.IGNORECASE if operator == "StringEqualsIgnoreCase" else 0
    return re.fullmatch(expression, value, flags) is not None
