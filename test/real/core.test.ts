import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootRealLab, type RealLab } from "../support/real-lab.ts";
import { copyProject } from "../support/real-project.ts";

const NODES = [1, 2, 3, 4, 5].map((number) => `core-hz-${number}`);

describe("core, five nodes with the tier majority, on a real Patroni 4.1", () => {
  const project = copyProject(["core"]);
  let lab: RealLab;

  beforeAll(async () => {
    lab = await bootRealLab(project, "core");
  });
  afterAll(async () => {
    await lab?.down();
    project.remove();
  });

  test("every other node streams from the leader, and two of them confirm each commit", async () => {
    const recovering = await Promise.all(
      NODES.map((node) => lab.sql(node, "select pg_is_in_recovery()")),
    );
    const leader = NODES[recovering.indexOf("f")] ?? "";
    expect(recovering.filter((answer) => answer === "t")).toHaveLength(4);
    expect(
      await lab.sql(leader, "select count(*) from pg_stat_replication where state = 'streaming'"),
    ).toBe("4");
    const names = NODES.filter((node) => node !== leader).map((node) => `"${node}"`);
    await expect
      .poll(() => lab.sql(leader, "show synchronous_standby_names"), {
        timeout: 60_000,
        interval: 1000,
      })
      .toBe(`ANY 2 (${names.join(",")})`);
  });

  test("plans to nothing, and status and a second up say that all is well", async () => {
    expect(await lab.quorate("plan", "core")).toMatchObject({ code: 0 });
  });
});
