"""Prints as JSON what one installed Patroni says of its own settings.

usage: patroni_facts.py DIST_PACKAGES < question

The question holds environment variables with a value each: the answer says what Patroni makes of them; and
documents: the answer says which of them Patroni refuses to take as dynamic configuration; and quantities: the
answer says which whole number Patroni reads from each, in the given unit.
"""
import json
import logging
import os
import pathlib
import re
import sys

root = sys.argv[1]
sys.path.insert(0, root)
os.environ.clear()
logging.disable(logging.CRITICAL)

import patroni.config
import patroni.utils
import patroni.validator
import patroni.version
from patroni.postgresql.config import ConfigHandler

question = json.load(sys.stdin)
validated = []


def walk(node, path):
    kind = type(node).__name__
    if kind == "Schema":
        walk(node.validator, path)
    elif isinstance(node, dict):
        for key, inner in node.items():
            if type(key).__name__ == "Optional":
                walk(inner, path + [key.name])
            elif type(inner).__name__ == "Case":
                for name, one in inner._schema.items():
                    walk(one, path + [name])
            else:
                walk(inner, path + [key])
        if not node:
            validated.append({"path": path, "type": "dict"})
    elif isinstance(node, list):
        validated.append({"path": path, "type": "list"})
        for inner in node:
            if isinstance(inner, dict):
                walk(inner, path + ["[]"])
    elif kind == "type":
        validated.append({"path": path, "type": node.__name__})
    elif kind == "IntValidator":
        validated.append({"path": path, "type": "int", "min": node.min, "max": node.max})
    elif kind == "EnumValidator":
        validated.append({"path": path, "type": "enum", "values": sorted(node.allowed_values)})
    elif kind == "str":
        validated.append({"path": path, "type": "str"})
    else:
        validated.append({"path": path, "type": "own"})


def command_line(name, default, check):
    fact = {"name": name, "default": default}
    kind = type(check).__name__
    if kind == "IntValidator":
        fact.update(min=check.min)
    elif kind == "EnumValidator":
        fact.update(values=sorted(check.allowed_values))
    else:
        # A function before 4.0: ask it where it begins to say yes.
        accepts = lambda value: safely(check, value)
        fact.update(never=not any(accepts(v) for v in (True, "on", 1, 1000, "1000MB", "replica")))
        numbers = [n for n in range(0, 200) if accepts(n)]
        if numbers and not accepts(-1) and not accepts("on"):
            fact.update(min=numbers[0])
    return fact


def safely(check, value):
    try:
        return bool(check(value))
    except Exception:
        return False


def environment(variables):
    os.environ.update(variables)
    found = patroni.config.Config._build_environment_configuration()
    os.environ.clear()
    return json.loads(json.dumps(found))


LOCAL = "{postgresql: {authentication: {superuser: {username: a}, replication: {username: b}}}}"


def refuses(document):
    """True when Patroni logs an exception and keeps the timeouts and postgresql of the document before."""
    os.environ["PATRONI_CONFIGURATION"] = LOCAL
    config = patroni.config.Config("", None)
    config.set_dynamic_configuration({"ttl": 31})
    return not config.set_dynamic_configuration(document)


walk(patroni.validator.schema, [])
sources = {str(p.relative_to(f"{root}/patroni")): p.read_text() for p in pathlib.Path(f"{root}/patroni").rglob("*.py")}
quoted = {name: sorted(set(re.findall(r"['\"]([a-z_0-9]+)['\"]", text))) for name, text in sources.items()}
named = {
    name: sorted(set(re.findall(r"(?:def|class) (\w+)", text)) | set(re.findall(r"^ *(\w+)(?:: [^=]+)? = ", text, re.M)))
    for name, text in sources.items()
}
defaults = json.loads(json.dumps(patroni.config.Config._Config__DEFAULT_CONFIG, default=dict))
json.dump(
    {
        "version": patroni.version.__version__,
        "validated": validated,
        "commandLine": [command_line(n, v[0], v[1]) for n, v in ConfigHandler.CMDLINE_OPTIONS.items()],
        "defaults": defaults,
        "environment": environment(question["environment"]),
        "quantities": [patroni.utils.parse_int(v, unit) for v, unit in question["quantities"]],
        "refused": [refuses(d) for d in question["documents"]],
        "quoted": quoted,
        "named": named,
    },
    sys.stdout,
)
