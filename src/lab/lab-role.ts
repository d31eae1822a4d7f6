import { setTimeout as sleep } from "node:timers/promises";
import { ok, type Result } from "../core/result.ts";
import { enterHost } from "./host.ts";
import type { LabCluster } from "./lab-cluster.ts";
import { hostInits, findLabProcesses } from "./lab-processes.ts";
import { LAB_ROLE, SUPERUSER_PASSWORD } from "./lab-secrets.ts";
import type { LabSecrets } from "./lab-state.ts";
import type { LabRefusal } from "./lab-refusal.ts";
import type { LabMember } from "./member.ts";
import type { RenderedCluster } from "./rendered-cluster.ts";
import { run } from "./run.ts";

/** Where the first leader of a lab is, and who may do anything there. */
export interface RoleContext {
  readonly cluster: LabCluster;
  readonly rendered: RenderedCluster;
  readonly secrets: LabSecrets;
  readonly members: readonly LabMember[];
}

const TRIES = 5;

/**
 * Makes an ordinary user for the lab's client, as an application has one: the compiled `pg_hba` lets the
 * superuser in from the node itself and the networks of administrators alone. Does nothing in a cluster
 * that follows another one.
 */
export async function createLabRole(context: RoleContext): Promise<Result<undefined, LabRefusal>> {
  const { cluster, rendered, secrets, members } = context;
  const leader = members.find(({ role }) => ["primary", "master", "leader"].includes(role));
  const node = cluster.nodes.find(({ name }) => name === leader?.name);
  if (node === undefined || secrets.rolePassword === undefined) return ok(undefined);
  const init = hostInits(await findLabProcesses(cluster.name)).get(node.name) ?? 0;
  const psql = ["psql", "-X", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--file=-"];
  for (let tries = 1; ; tries += 1) {
    const made = await run("nsenter", [...enterHost(init, "/"), ...psql], {
      input: roleSql(secrets.rolePassword),
      environment: {
        PGHOST: "127.0.0.1",
        PGPORT: String(node.postgresPort),
        PGDATABASE: "postgres",
        PGUSER: rendered.nodes[0]?.files.superuser ?? "postgres",
        PGPASSWORD: secrets.patroni[SUPERUSER_PASSWORD] ?? "",
        PGCONNECT_TIMEOUT: "5",
      },
    });
    if (made.ok) return ok(undefined);
    if (tries === TRIES) return made;
    await sleep(1000);
  }
}

/** Ends when every standby has replayed it, so that the client may ask any of them. */
function roleSql(password: string): string {
  return `
do $$ begin
  if not exists (select from pg_roles where rolname = '${LAB_ROLE}') then
    create role ${LAB_ROLE} login;
  end if;
end $$;
alter role ${LAB_ROLE} password '${password}';
grant pg_monitor, pg_signal_backend to ${LAB_ROLE};
grant create on database postgres to ${LAB_ROLE};
grant create on schema public to ${LAB_ROLE};
do $$ declare wanted pg_lsn := pg_current_wal_flush_lsn(); begin
  for attempt in 1..100 loop
    exit when not exists (
      select from pg_stat_replication where coalesce(replay_lsn < wanted, true)
    );
    perform pg_sleep(0.05);
    perform pg_stat_clear_snapshot();
  end loop;
end $$;
`;
}
