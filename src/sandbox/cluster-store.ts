import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "../core/json.ts";
import type { PendingChange, RunningSettings } from "./database-server.ts";

/** What a member says of itself in the DCS, and so what `GET /cluster` knows of it. */
export interface MemberRecord {
  readonly name: string;
  readonly address: string;
  readonly restPort: number;
  readonly postgresPort: number;
  readonly state: string;
  readonly isStreaming: boolean;
  readonly timeline: number;
  readonly tags: JsonObject;
  readonly pending: ReadonlyMap<string, PendingChange>;
  /** Where the member's WAL ends, in bytes. */
  readonly position: number;
}

/** The DCS of one cluster at one moment. */
export interface ClusterSnapshot {
  /** Rises with every write of the document. */
  readonly version: number;
  readonly document: JsonObject;
  readonly leader: string;
  readonly members: readonly MemberRecord[];
  /** The names in `/sync`: who may confirm commits. */
  readonly syncMembers: ReadonlySet<string>;
  /** The leader's WAL position, as `/status` has it. */
  readonly leaderPosition: number;
}

/**
 * The stand-in for one cluster's share of the DCS. Reads and writes of the document take a moment, so
 * that two PATCHes at once meet as they do on etcd: the second compares against a version that is gone.
 */
export interface ClusterStore {
  read(): Promise<ClusterSnapshot>;
  /** False when the document is no longer at that version; then nothing was written. */
  compareAndSet(version: number, document: JsonObject): Promise<boolean>;
  set(document: JsonObject): Promise<void>;
  touchMember(member: MemberRecord): void;
  publishLeader(state: {
    readonly syncMembers: ReadonlySet<string>;
    readonly position: number;
  }): void;
  /** The primary's running settings, as its WAL tells every standby. */
  readonly controlData: { settings: RunningSettings };
}

/** The end of the WAL on every node: nobody writes, and so nobody lags. */
export const WAL_POSITION = 83_886_080;

const READ_MS = 2;
const WRITE_MS = 8;

/** Makes the store of a cluster that has run for a while: its document is at version 1. */
export function createClusterStore(document: JsonObject, leader: string): ClusterStore {
  const members = new Map<string, MemberRecord>();
  let current: Omit<ClusterSnapshot, "members"> = {
    version: 1,
    document,
    leader,
    syncMembers: new Set(),
    leaderPosition: 0,
  };
  return {
    controlData: { settings: new Map() },
    async read() {
      await pause(READ_MS);
      return { ...current, members: [...members.values()] };
    },
    async compareAndSet(version, wanted) {
      await pause(WRITE_MS);
      if (current.version !== version) return false;
      current = { ...current, version: version + 1, document: wanted };
      return true;
    },
    async set(wanted) {
      await pause(WRITE_MS);
      current = { ...current, version: current.version + 1, document: wanted };
    },
    touchMember(member) {
      members.set(member.name, member);
    },
    publishLeader({ syncMembers, position }) {
      current = { ...current, syncMembers, leaderPosition: position };
    },
  };
}
