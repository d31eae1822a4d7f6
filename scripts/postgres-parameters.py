#!/usr/bin/python3
"""Writes the tables of PostgreSQL's parameters: src/postgres/parameters-table.ts, and
src/patroni/parameter-gaps-table.ts for what Patroni makes of them.

usage: scripts/postgres-servers.sh && scripts/lab-packages.sh && scripts/postgres-parameters.py

Every major is asked itself. A server of it (scripts/postgres-servers.sh unpacks them) makes an empty
cluster and runs in single-user mode, which opens no socket, without any network, and not as root:
pg_settings tells type, context, unit, limits, words and default, ALTER SYSTEM what no file may set.
`postgres --describe-config` leaves out what the sample configuration file leaves out, and prints
neither units nor words, so it only has to agree; `postgres -C name -c name=value` tells which words a
server takes besides those that it lists. What a server cannot say of itself stands below, with its
source, and is named in the output.

What Patroni makes of a parameter comes from the tables of its own that it checks values by
(patroni/postgresql/validator.py) in the three releases that scripts/lab-packages.sh installs.

The same servers give the same bytes.
"""
import csv
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

MAJORS = range(13, 19)
REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
SERVERS = pathlib.Path(os.environ.get("QUORATE_POSTGRES_SERVERS", "/var/cache/quorate/postgres"))
LAB_PACKAGES = pathlib.Path(os.environ.get("QUORATE_LAB_PACKAGES", "/var/cache/quorate/lab-packages"))
PATRONIS = ("/", f"{LAB_PACKAGES}/patroni-4.0", f"{LAB_PACKAGES}/patroni-4.1")

# What the server of a major lacks only because of how or when it was built: taken from another major.
MINOR = "in {} the parameter came with a minor release newer than the server at hand ({})"
NOTES = "https://www.postgresql.org/docs/{0}/release-{0}-{1}.html"
BUILT_WITHOUT = "the server at hand was built without lz4 and zstd (https://www.postgresql.org/docs/{}/runtime-config-{})"
DEBIAN = "Debian's own patch; other builds of PostgreSQL do not know it"
TAKEN = {
    ("output_plugin_libraries", 14): (15, MINOR.format(14, NOTES.format(14, 24))),
    ("output_plugin_libraries", 16): (17, MINOR.format(16, NOTES.format(16, 15))),
    ("composite_type_mismatch", 14): (15, MINOR.format(14, NOTES.format(14, 25))),
    ("composite_type_mismatch", 16): (15, MINOR.format(16, NOTES.format(16, 16))),
    ("composite_type_mismatch", 18): (17, MINOR.format(18, NOTES.format(18, 7))),
    ("default_toast_compression", 14): (15, BUILT_WITHOUT.format(14, "client.html#GUC-DEFAULT-TOAST-COMPRESSION")),
    ("default_toast_compression", 16): (15, BUILT_WITHOUT.format(16, "client.html#GUC-DEFAULT-TOAST-COMPRESSION")),
    ("wal_compression", 16): (15, BUILT_WITHOUT.format(16, "wal.html#GUC-WAL-COMPRESSION")),
    ("extension_destdir", 14): (13, DEBIAN),
    ("extension_destdir", 16): (15, DEBIAN),
}
# Their compiled-in values are the packager's choice, not PostgreSQL's.
BUILT_IN_PATHS = {"krb_server_keyfile", "unix_socket_directories"}
# ALTER SYSTEM refuses these two besides what no file may set (GUC_DISALLOW_IN_AUTO_FILE in guc_tables.c).
ONLY_BY_HAND = {"allow_alter_system", "data_directory"}
# Texts that are lists of fixed words. pg_settings does not tell them; the servers are asked for each word.
LISTS = {
    "createrole_self_grant": ("inherit", "set"),
    "debug_io_direct": ("data", "wal", "wal_init"),
    "log_connections": ("receipt", "authentication", "authorization", "setup_durations", "all"),
    "log_destination": ("stderr", "csvlog", "jsonlog", "syslog"),
    "restrict_nonsystem_relation_kind": ("view", "foreign-table"),
}
BOOLEANS = ("on", "off", "true", "false", "yes", "no", "1", "0")
# From 3.0.3 on Patroni lets through what `postgres --describe-config` lists, though its table has no row.
# See _transform_parameter_value in patroni/postgresql/validator.py at v4.1.4, and docs/releases.rst, 3.0.3.
LETS_THROUGH_SINCE = "3.0.3"

COLUMNS = "name, vartype, context, unit, min_val, max_val, array_to_json(enumvals), boot_val"


def main():
    servers = {major: Server(major) for major in MAJORS}
    settings = {major: server.settings() for major, server in servers.items()}
    describe = {major: server.described(settings[major]) for major, server in servers.items()}
    for (name, major), (other, _) in TAKEN.items():
        if settings[major].get(name) == settings[other][name]:
            raise SystemExit(f"{name} of {major} needs no other major any more: remove it from TAKEN")
        settings[major][name] = settings[other][name]
    write("src/postgres/parameters-table.ts", parameters_table(servers, settings))
    write("src/patroni/parameter-gaps-table.ts", gaps_table([Patroni(root) for root in PATRONIS], settings, describe))


class Server:
    """The PostgreSQL of one major, and an empty cluster while it is asked."""

    def __init__(self, major):
        self.major = major
        self.folder = SERVERS / str(major)
        self.source = (self.folder / "source").read_text(encoding="utf-8").strip()
        self.program = str(self.folder / "postgres")
        self.version = self.run(self.program, "--version").stdout.split()[2]

    def settings(self):
        """Every parameter by name, as a tuple of the columns of the table."""
        with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
            own(scratch)
            data, output = f"{scratch}/data", f"{scratch}/settings.csv"
            self.run(str(self.folder / "initdb"), "-D", data, "-A", "trust", "-N", "--no-locale", "-E", "UTF8")
            query = f"COPY (SELECT {COLUMNS} FROM pg_settings) TO '{output}' (FORMAT csv, NULL '\\N')"
            self.single_user(data, [query])
            with open(output, encoding="utf-8", newline="") as rows:
                read = {row[0]: [None if field == "\\N" else field for field in row] for row in csv.reader(rows)}
            refused = self.refused_in_files(data, read)
            return {name: self.row(fields, name in refused, data) for name, fields in read.items()}

    def refused_in_files(self, data, read):
        names = [name for name, fields in read.items() if fields[2] != "internal"]
        errors = self.single_user(data, [f'ALTER SYSTEM RESET "{name}"' for name in names])
        refused = set(re.findall(r'ERROR:  parameter "([^"]+)" cannot be changed', errors))
        return refused - ONLY_BY_HAND

    def row(self, fields, is_refused, data):
        name, kind, context, unit, low, high, words, default = fields
        values = tuple(json.loads(words)) if words else ()
        if kind == "enum" and self.takes(data, name, BOOLEANS):
            kind, values = "enumbool", tuple(word for word in values if word not in BOOLEANS)
        if kind == "string" and name in LISTS:
            values = tuple(word for word in LISTS[name] if self.takes(data, name, [word]))
            kind = "listbool" if self.takes(data, name, BOOLEANS) else "list"
        if name in BUILT_IN_PATHS:
            default = "?"
        if is_refused or context == "internal":
            # Nobody sets it, so only that it is there matters.
            return ("internal", kind, "", "", "", "", "")
        # The largest double is no limit.
        low, high = (limit if number(limit) is not None else "" for limit in (low, high))
        return (context, kind, unit or "", low or "", high or "", default or "", ",".join(values))

    def takes(self, data, name, words):
        return all(
            self.run(self.program, "-C", name, "-D", data, "-c", f"{name}={word}", check=False).returncode == 0
            for word in words
        )

    def described(self, settings):
        """The names of --describe-config, which must agree with pg_settings in all that both tell."""
        described = set()
        for line in self.run(self.program, "--describe-config").stdout.splitlines():
            name, context, _, kind, _, low, high, *_ = line.split("\t")
            ours = settings[name]
            theirs = (context, kind.lower().replace("boolean", "bool"), number(low), number(high))
            known = (ours[0], re.sub("^(enum)bool$|^list(?:bool)?$", lambda match: match[1] or "string", ours[1]))
            if theirs != (*known, number(ours[3]), number(ours[4])):
                raise SystemExit(f"{name} of {self.major}: pg_settings says {ours}, --describe-config {theirs}")
            described.add(name)
        return described

    def single_user(self, data, statements):
        text = "".join(f"{statement}\n" for statement in statements)
        return self.run(self.program, "--single", "-D", data, "postgres", text=text).stderr

    def run(self, *command, text="", check=True):
        done = subprocess.run(
            [*confined(), *command], input=text, capture_output=True, encoding="utf-8", check=False,
            cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        )
        if check and done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr}")
        return done


def number(limit):
    """A limit, and none for the largest double."""
    return None if not limit or abs(float(limit)) > 1e308 else float(limit)


def confined():
    """No network, and a user who owns nothing."""
    if os.geteuid() != 0:
        return ["unshare", "--user", "--map-current-user", "--net"]
    nobody = pwd.getpwnam("nobody")
    ids = ["--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups"]
    return ["unshare", "--net", "setpriv", *ids]


def own(folder):
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")


class Patroni:
    """The table by which one release of Patroni checks parameters."""

    DUMP = """
import json
from patroni.postgresql import validator
from patroni.version import __version__
def rows(table):
    for name, found in table.items():
        for row in found if hasattr(found[0], "version_from") else [found]:
            kind = type(row).__name__
            limits = [getattr(row, field, None) for field in ("min_val", "max_val", "possible_values")]
            yield [name, kind, row.version_from, row.version_till, *limits]
print(json.dumps([__version__, list(rows(validator.parameters)), list(validator.recovery_parameters)]))
"""

    def __init__(self, root):
        packages = pathlib.Path(root) / "usr/lib/python3/dist-packages"
        environment = {"PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
        dumped = subprocess.run(
            ["/usr/bin/python3", "-c", self.DUMP], check=True, capture_output=True, encoding="utf-8", env=environment
        )
        self.version, rows, recovery = json.loads(dumped.stdout)
        self.recovery = {name.lower() for name in recovery}
        self.rows = {}
        for name, *row in rows:
            self.rows.setdefault(name.lower(), []).append(row)

    def row(self, name, major):
        for kind, since, until, low, high, words in self.rows.get(name.lower(), ()):
            if since <= major * 10000 and (until is None or major * 10000 < until):
                return kind, low, high, words
        return None

    def gaps(self, name, major, ours, is_described):
        """What this release does to values that PostgreSQL takes: pairs of what, and how far."""
        _, kind, _, low, high, _, words = ours
        row = self.row(name, major)
        if row is None:
            lets_through = is_described and at_least(self.version, LETS_THROUGH_SINCE)
            return [] if lets_through else [("drops", "")]
        theirs, least, most, possible = row
        found = []
        if number(least) is not None and least > float(low or "-inf"):
            found.append(("min", f"{least:.15g}"))
        if number(most) is not None and most < float(high or "inf"):
            found.append(("max", f"{most:.15g}"))
        if theirs == "Bool" and kind != "bool":
            found.append(("takes", ",".join(BOOLEANS)))
        if theirs in ("Enum", "EnumBool"):
            taken = [*possible, *(BOOLEANS if theirs == "EnumBool" else ())]
            wanted = [*words.lower().split(","), *(BOOLEANS if kind == "enumbool" else ())]
            if not set(wanted) <= {word.lower() for word in taken}:
                found.append(("takes", ",".join(taken)))
        return found


def at_least(version, floor):
    return [int(part) for part in version.split(".")] >= [int(part) for part in floor.split(".")]


def parameters_table(servers, settings):
    rows = []
    for name in sorted({name for found in settings.values() for name in found}, key=str.lower):
        for first, last, row in runs({major: settings[major].get(name) for major in MAJORS}):
            rows.append("|".join((name, span(first, last), *row)))
    sources = [f"// {major}: PostgreSQL {servers[major].version}, {servers[major].source}" for major in MAJORS]
    taken = [f"// {name} of {major} is that of {other}: {why}" for (name, major), (other, why) in TAKEN.items()]
    return f"""// Generated by scripts/postgres-parameters.py; do not edit.
// Each major was asked itself: pg_settings and --describe-config of
{lines(sources)}
// What those servers could not say:
{lines(taken)}

/**
 * Every parameter of PostgreSQL {MAJORS[0]} to {MAJORS[-1]}, one line for as long as it stayed the same: name, majors,
 * context, type, unit, least, most, compiled-in value (`?` where every packager chooses), words.
 */
export const POSTGRES_PARAMETERS = `
{lines(rows)}
`;
"""


def gaps_table(patronis, settings, describe):
    spans = {}
    for name in sorted({name for found in settings.values() for name in found}, key=str.lower):
        found = {major: gaps_of(name, major, patronis, settings, describe) for major in MAJORS}
        for gap in sorted({gap for gaps in found.values() for gap in gaps}):
            for first, last, present in runs({major: gap in found[major] or None for major in MAJORS}):
                assert present
                spans.setdefault((gap, span(first, last)), []).append(name)
    rows = [
        "|".join((what, value, majors, until, " ".join(names)))
        for ((what, value, until), majors), names in sorted(spans.items(), key=lambda item: (item[0][1], item[0][0]))
    ]
    seen = ", ".join(patroni.version for patroni in patronis)
    return f"""// Generated by scripts/postgres-parameters.py; do not edit.
// Read in patroni/postgresql/validator.py and available_parameters/ of Patroni {seen}.
// A gap that ends with {LETS_THROUGH_SINCE}: from that release on Patroni lets through what the server itself lists.

/**
 * What Patroni does to parameters that PostgreSQL takes, one line each: what (drops, min, max, takes), how
 * far, majors, the first release that is known to do it no more (none when all do), names.
 */
export const PARAMETER_GAPS = `
{lines(rows)}
`;
"""


def gaps_of(name, major, patronis, settings, describe):
    """Triples of what, how far, and the first release without it; "" when the newest has it too."""
    ours = settings[major].get(name)
    if ours is None or ours[0] == "internal" or name in patronis[0].recovery:
        return set()
    is_described = name in describe[TAKEN.get((name, major), (major,))[0]]
    by_release = [patroni.gaps(name, major, ours, is_described) for patroni in patronis]
    found = set()
    for index, gaps in enumerate(by_release):
        for gap in gaps:
            until = next((patronis[later].version for later in range(index + 1, len(patronis)) if gap not in by_release[later]), "")
            if gap[0] == "drops" and is_described:
                until = LETS_THROUGH_SINCE
            found.add((*gap, until))
    return found


def runs(by_major):
    """First major, last major and value of each stretch of equal values."""
    start = None
    for major in [*MAJORS, MAJORS[-1] + 1]:
        value = by_major.get(major)
        if start is not None and by_major[start] != value:
            yield start, major - 1, by_major[start]
            start = None
        if start is None and value is not None:
            start = major


def span(first, last):
    return str(first) if first == last else f"{first}-{last}"


def lines(texts):
    for text in texts:
        # They stand in a template literal.
        assert not re.search(r"[\\`]|\$\{|\n", text), text
    return "\n".join(texts)


def write(path, text):
    (REPOSITORY / path).write_text(text, encoding="utf-8")
    print(f"wrote {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
