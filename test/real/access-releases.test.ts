import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TLS_REFUSAL } from "../contract/access-cases.ts";
import { startAccessLab, type AccessLab } from "../support/access-lab.ts";
import { expectSoundStart, outliveEtcd, passLeadRound } from "../support/access-story.ts";
import { freezeEtcd, killEtcd } from "../support/lab-services.ts";

/** What `access.test.ts` shows with passwords on 4.1, in short on older releases and with certificates. */
describe.each(["4.0", "3.0"] as const)(
  "Patroni %s with users and client certificates, replication by certificate alone",
  (version) => {
    const isFrozen = version !== "3.0";
    let lab: AccessLab;
    beforeAll(async () => {
      lab = await startAccessLab({ version, authentication: "certificate" });
    });
    afterAll(() => lab?.down());

    test("starts; replication is by certificate, and PostgreSQL reads every line of pg_hba", async () => {
      await expectSoundStart(lab);
      expect((await lab.exec({ on: lab.nodes[0] ?? "" }, "printenv")).stdout).not.toContain(
        "PATRONI_REPLICATION_PASSWORD",
      );
    });

    test("the REST API takes no change without a password, and no call without a certificate", async () => {
      const [node = ""] = lab.nodes;
      const change = { body: { quorate_access: null } };
      expect(
        await lab.rest.request(node, "PATCH", "/config", { ...change, auth: "none" }),
      ).toMatchObject({ status: 401 });
      expect(await lab.rest.request(node, "PATCH", "/config", change)).toMatchObject({
        status: 200,
      });
      for (const certificate of ["none", "stranger"] as const)
        await expect(lab.rest.request(node, "GET", "/config", { certificate })).rejects.toThrow(
          TLS_REFUSAL,
        );
    });

    test("every node follows every other one: the lead goes round", async () => {
      expect.hasAssertions();
      await passLeadRound(lab);
    });

    // Where all of etcd hangs with its connections open, 3.0.2 fails to renew the lease and demotes.
    test(`all of etcd is ${isFrozen ? "frozen" : "killed"} for longer than the lease, and the leader goes on`, async () => {
      expect.hasAssertions();
      await outliveEtcd(lab, isFrozen ? freezeEtcd : killEtcd);
    });
  },
);
