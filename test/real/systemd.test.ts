import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { renderCluster, type RenderedFile } from "../../src/compiler/render-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { memoryProject } from "../support/memory-project.ts";
import { run, type Ended } from "../support/run.ts";

/**
 * The drop-ins of rendered nodes together with the units of Debian's patroni packages, as systemd reads them. This
 * machine has no watchdog device, no modprobe and no running systemd: what the unit starts is not started here,
 * only read and checked.
 */
const PACKAGES = process.env["QUORATE_LAB_PACKAGES"] ?? "/var/cache/quorate/lab-packages";
const UNITS = [
  { release: "3.0", path: "/lib/systemd/system/patroni.service" },
  { release: "4.0", path: `${PACKAGES}/patroni-4.0/usr/lib/systemd/system/patroni.service` },
  { release: "4.1", path: `${PACKAGES}/patroni-4.1/usr/lib/systemd/system/patroni.service` },
] as const;
const CLUSTERS = ["clusters/orders.yaml", "clusters/core.yaml"];
const GOLDEN = ["every-section", "cascade-and-order", "remote-observer", "patroni-3.0"];

const scratch = mkdtempSync(join(tmpdir(), "quorate-systemd-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

async function dropIns(quorate: string, cluster: string): Promise<readonly RenderedFile[]> {
  const files = memoryProject({
    "quorate.yaml": readFileSync(quorate, "utf8"),
    "clusters/cluster.yaml": readFileSync(cluster, "utf8"),
  });
  const { clusters } = await compileProject(files);
  return clusters
    .flatMap((compiled) => renderCluster(compiled, "1"))
    .filter(({ path }) => path.endsWith(".conf"));
}

/** Lays a unit and its drop-in out as on a node, and lets systemd read them. */
async function verify(name: string, unit: string, dropIn: string): Promise<Ended> {
  const folder = join(scratch, name);
  const target = join(folder, "patroni.service.d/quorate.conf");
  mkdirSync(dirname(target), { recursive: true });
  cpSync(unit, join(folder, "patroni.service"));
  writeFileSync(target, dropIn);
  return run("systemd-analyze", ["verify", "--man=no", join(folder, "patroni.service")], {
    SYSTEMD_UNIT_PATH: `${folder}:`,
  });
}

/** What systemd says of the unit under test; what it says of the machine's own units does not count. */
function complaints({ stderr }: Ended): readonly string[] {
  return stderr.split("\n").filter((line) => /patroni|quorate/.test(line));
}

describe.each(UNITS)("beside Debian's unit of Patroni $release", ({ release, path }) => {
  test("every rendered drop-in is read without a complaint", async () => {
    expect(existsSync(path), path).toBe(true);
    const all = [
      ...(await Promise.all(CLUSTERS.map((cluster) => dropIns("quorate.yaml", cluster)))),
      ...(await Promise.all(
        GOLDEN.map((name) =>
          dropIns("test/golden/quorate.yaml", `test/golden/${name}/cluster.yaml`),
        ),
      )),
    ].flat();
    expect(all.length).toBeGreaterThanOrEqual(8 + 4 + 3 + 4 + 3);
    const distinct = [...new Set(all.map(({ text }) => text))];
    for (const [index, text] of distinct.entries()) {
      const ended = await verify(`${release}-${index}`, path, text);
      expect({ code: ended.code, said: complaints(ended) }, text).toEqual({ code: 0, said: [] });
    }
  });

  test.each([
    { name: "a misspelt word", from: "KillMode=", to: "KillMod=", said: /Unknown key.*KillMod/ },
    {
      name: "a time that is none",
      from: /TimeoutStopSec=.*/,
      to: "TimeoutStopSec=soon",
      said: /Failed to parse time value/,
    },
    {
      name: "a program that is not there",
      from: "ExecStartPre=-+/bin/sh",
      to: "ExecStartPre=+/bin/no-such-shell",
      said: /no-such-shell/,
    },
  ])("$name would be seen", async ({ name, from, to, said }) => {
    const [first] = await dropIns("quorate.yaml", "clusters/orders.yaml");
    const broken = (first?.text ?? "").replace(from, to);
    expect(broken).not.toBe(first?.text);
    const ended = await verify(`${release}-${name}`, path, broken);
    expect(complaints(ended).join("\n")).toMatch(said);
  });

  test("the unit keeps what Debian starts, and as whom", () => {
    const unit = readFileSync(path, "utf8");
    expect(unit).toMatch(/^User=postgres$/m);
    expect(unit).toMatch(/^ExecStart=\/usr\/bin\/patroni \/etc\/patroni\/config\.yml$/m);
    expect(unit).toMatch(/^KillMode=process$/m);
  });
});
