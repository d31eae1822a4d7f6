import { z } from "zod";
import type { Seconds } from "../core/units.ts";
import { Duration, NodePath } from "./scalars.ts";
import { command, Program } from "./section-scalars.ts";
import { secondsOf } from "./read-duration.ts";

const Callbacks = z.strictObject({
  onStart: Program.optional().describe("Called when PostgreSQL started; default: nothing."),
  onStop: Program.optional().describe("Called when PostgreSQL stopped; default: nothing."),
  onRestart: Program.optional().describe("Called when PostgreSQL restarted; default: nothing."),
  onReload: Program.optional().describe("Called when PostgreSQL reloaded; default: nothing."),
  onRoleChange: Program.optional().describe(
    "Called when the node begins or ceases to lead; default: nothing.",
  ),
});

const ArchiveCommand = command(
  "a command that archives the file %p",
  /^(?=.*%p).{1,2000}$/,
  "write it like pgbackrest --stanza=orders archive-push %p",
);
const RestoreCommand = command(
  "a command that fetches the file %f to %p",
  /^(?=.*%f)(?=.*%p).{1,2000}$/,
  "write it like pgbackrest --stanza=orders archive-get %f %p",
);

/** The keys of `postgresql` besides its parameters and who may log in. */
export const ServerKeys = {
  callbacks: Callbacks.optional().describe(
    "Programs that Patroni starts when PostgreSQL's state changes, with action, role and cluster; default: none.",
  ),
  archive: z
    .strictObject({
      command: ArchiveCommand.describe("Archives the file %p under the name %f."),
      timeout: Duration.optional().describe(
        "A segment is archived at least this often; default: 5m.",
      ),
    })
    .optional()
    .describe(
      "Archives WAL. Kept in the nodes' files, where nobody changes it over REST; default: no archive.",
    ),
  restore: z
    .strictObject({ command: RestoreCommand.describe("Fetches the file %f to %p.") })
    .optional()
    .describe("Fetches archived WAL for standbys and for pg_rewind; default: nothing is fetched."),
  prePromote: Program.optional().describe(
    "Runs before a node becomes leader; when it fails, the node does not lead for ttl; default: nothing.",
  ),
  beforeStop: Program.optional().describe(
    "Runs before PostgreSQL is stopped; nothing ends it when it hangs. Patroni 3.0.3 and newer; default: nothing.",
  ),
  customConf: NodePath.optional().describe(
    "A postgresql.conf of your own on every node, below what Patroni sets; default: the one that initdb made.",
  ),
};
const Server = z.object(ServerKeys);
/** What may stand under `postgresql` here. */
export type ServerIntent = z.infer<typeof Server>;

/** The programs that Patroni starts, and what it tells PostgreSQL of archives. */
export interface ResolvedServer {
  readonly callbacks: NonNullable<ServerIntent["callbacks"]>;
  readonly archive: { readonly command: string; readonly timeout: Seconds } | undefined;
  readonly restoreCommand: string | undefined;
  readonly prePromote: string | undefined;
  readonly beforeStop: string | undefined;
  readonly customConf: string | undefined;
}

/** Fills in the defaults of the `postgresql` section. */
export function resolveServer(server: ServerIntent = {}): ResolvedServer {
  const { archive } = server;
  return {
    callbacks: server.callbacks ?? {},
    archive:
      archive === undefined
        ? undefined
        : { command: archive.command, timeout: secondsOf(archive.timeout ?? "5m") },
    restoreCommand: server.restore?.command,
    prePromote: server.prePromote,
    beforeStop: server.beforeStop,
    customConf: server.customConf,
  };
}
