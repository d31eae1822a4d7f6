import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { BUNDLE, copyProject } from "../support/real-project.ts";
import { run, type Ended } from "../support/run.ts";
import { startSandboxProcess, type SandboxProcess } from "../support/sandbox-process.ts";

const PASSWORDS = { QUORATE_REST_PASSWORD: "of the project", CORE_PASSWORD: "of core alone" };

describe("a cluster with credentials of its own beside one with the project's", () => {
  const project = copyProject(["orders", "core"]);
  let sandbox: SandboxProcess;

  beforeAll(async () => {
    const access = "access: { rest: { user: core, password: env:CORE_PASSWORD } }";
    project.edit("clusters/core.yaml", "durability: majority", `durability: majority\n${access}`);
    vi.stubEnv("CORE_PASSWORD", PASSWORDS.CORE_PASSWORD);
    sandbox = await startSandboxProcess(project, PASSWORDS.QUORATE_REST_PASSWORD, 0.2);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await sandbox.stop();
    project.remove();
  });

  const apply = (
    environment: Partial<typeof PASSWORDS>,
    ...names: readonly string[]
  ): Promise<Ended> =>
    run(
      process.execPath,
      [BUNDLE, "--project", project.root, "apply", ...names, "--endpoints", sandbox.endpoints],
      { CORE_PASSWORD: "", QUORATE_REST_PASSWORD: "", ...environment },
    );

  test("each is asked with its own, in one go", async () => {
    project.edit("clusters/orders.yaml", "work_mem: 8MB", "work_mem: 9MB");
    project.edit("clusters/core.yaml", "max_connections: 200", "max_connections: 210");
    const applied = await apply(PASSWORDS);
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.stdout).toContain("core: ");
    expect(applied.stdout).toContain("orders: ");
  });

  test("the other one's password is refused", async () => {
    const exchanged = {
      QUORATE_REST_PASSWORD: PASSWORDS.CORE_PASSWORD,
      CORE_PASSWORD: PASSWORDS.QUORATE_REST_PASSWORD,
    };
    for (const name of ["core", "orders"]) {
      const refused = await apply(exchanged, name);
      expect(refused.code).toBe(5);
      expect(refused.stdout).toContain("refused our credentials (401: not authenticated)");
    }
  });

  test("what a cluster does not need is not asked for, and what is missing is named where it is written", async () => {
    const { CORE_PASSWORD, QUORATE_REST_PASSWORD } = PASSWORDS;
    expect(await apply({ CORE_PASSWORD }, "core")).toMatchObject({ code: 0 });
    expect(await apply({ QUORATE_REST_PASSWORD }, "orders")).toMatchObject({ code: 0 });
    expect(await apply({})).toMatchObject({
      code: 4,
      stderr: `clusters/core.yaml, access.rest.password: env:CORE_PASSWORD is not set
quorate.yaml, rest.password: env:QUORATE_REST_PASSWORD is not set
`,
    });
  });
});
