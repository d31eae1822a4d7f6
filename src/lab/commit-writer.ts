import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { ok, type Result } from "../core/result.ts";
import { type LabRefusal, refuse } from "./lab-refusal.ts";
import { openSession, type PsqlSession } from "./psql-session.ts";
import { findRunningLab, type RunningLab } from "./running-lab.ts";

/** A commit that a node acknowledged. Times are seconds of this process' monotonic clock. */
export interface Acknowledged {
  /** Which writer, and its number there: the key of the row. */
  readonly key: string;
  readonly node: string;
  /** Timeline of the leader that acknowledged it, as PostgreSQL writes it: eight hexadecimal digits. */
  readonly timeline: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** What a writer writes, from where and to whom. */
export interface WriterOptions {
  readonly cluster: string;
  /** Sets the rows of writers apart; letters and digits. */
  readonly label: string;
  /** The host in whose network the writer stands; by default the client. */
  readonly from?: string;
  /** The nodes that it writes to, each by a connection of its own, whoever leads. */
  readonly to: readonly string[];
  /** Pause after each commit; by default 50. */
  readonly pauseMilliseconds?: number;
}

/** A writer that runs. */
export interface CommitWriter {
  /** Everything acknowledged so far, in the order of the answers. Grows while the writer runs. */
  readonly acknowledged: readonly Acknowledged[];
  stop(): Promise<void>;
}

const LEDGER = "public.quorate_lab_ledger";
/** Before a node is asked again that refused to write, or could not be reached. */
const RETRY_MILLISECONDS = 200;

/** Makes the table that writers write to, through the node that leads. Harmless when it is there. */
export async function createLedger(
  cluster: string,
  leader: string,
): Promise<Result<undefined, LabRefusal>> {
  const sql = `create table if not exists ${LEDGER} (key text primary key)`;
  const made = await askOnce(cluster, leader, sql);
  return made.ok ? ok(undefined) : made;
}

/** The keys of every row that a node holds. */
export async function readLedger(
  cluster: string,
  node: string,
): Promise<Result<ReadonlySet<string>, LabRefusal>> {
  const read = await askOnce(cluster, node, `select key from ${LEDGER}`);
  return read.ok ? ok(new Set(read.value.split("\n"))) : read;
}

/**
 * Starts a writer that inserts one row after the other at every node that lets it, and keeps what was
 * acknowledged. An insert without an answer counts as not acknowledged, and its key is not used again.
 */
export async function startWriter(
  options: WriterOptions,
): Promise<Result<CommitWriter, LabRefusal>> {
  const lab = await findRunningLab(options.cluster);
  if (!lab.ok) return lab;
  const acknowledged: Acknowledged[] = [];
  const stopped = new AbortController();
  const numbers = { last: 0 };
  const writing = options.to.map(async (node) =>
    writeTo(node, { lab: lab.value, options, acknowledged, numbers, stopped: stopped.signal }),
  );
  return ok({
    acknowledged,
    stop: async () => {
      stopped.abort();
      await Promise.all(writing);
    },
  });
}

interface Writing {
  readonly lab: RunningLab;
  readonly options: WriterOptions;
  readonly acknowledged: Acknowledged[];
  /** The last number given out: shared, so that no two connections use one key. */
  readonly numbers: { last: number };
  readonly stopped: AbortSignal;
}

async function writeTo(node: string, writing: Writing): Promise<void> {
  const { lab, options, stopped } = writing;
  while (!stopped.aborted) {
    const session = openSession(lab, { from: options.from, node });
    const close = (): void => session.close();
    stopped.addEventListener("abort", close);
    await writeThrough(session, node, writing);
    stopped.removeEventListener("abort", close);
    session.close();
    if (!stopped.aborted) await sleep(RETRY_MILLISECONDS);
  }
}

async function writeThrough(session: PsqlSession, node: string, writing: Writing): Promise<void> {
  const { options, acknowledged, numbers, stopped } = writing;
  while (!stopped.aborted) {
    numbers.last += 1;
    const key = `${options.label}-${numbers.last}`;
    const sentAt = performance.now() / 1000;
    const answer = await session.query(
      `insert into ${LEDGER} values ('${key}') returning substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)`,
    );
    if (answer.ok) {
      const answeredAt = performance.now() / 1000;
      acknowledged.push({ key, node, timeline: answer.value, sentAt, answeredAt });
      await sleep(options.pauseMilliseconds ?? 50);
    } else if (answer.error.kind === "error") await sleep(RETRY_MILLISECONDS);
    else return;
  }
}

async function askOnce(
  cluster: string,
  node: string,
  sql: string,
): Promise<Result<string, LabRefusal>> {
  const lab = await findRunningLab(cluster);
  if (!lab.ok) return lab;
  const session = openSession(lab.value, { from: node, node });
  const answer = await session.query(sql);
  session.close();
  if (answer.ok) return answer;
  const why = answer.error.kind === "lost" ? "no connection" : `SQLSTATE ${answer.error.sqlState}`;
  return refuse(`${node}: ${sql}: ${why}`);
}
