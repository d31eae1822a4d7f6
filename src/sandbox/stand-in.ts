import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "../core/json.ts";
import { adjustTimeouts, timeoutOf } from "../patroni/adjust-timeouts.ts";
import { isTruthy } from "../patroni/python-value.ts";
import { isStandbyCluster } from "../patroni/standby-cluster.ts";
import { acceptDocument } from "./accept-document.ts";
import { createAlarm } from "./alarm.ts";
import { chooseSync } from "./choose-sync.ts";
import {
  WAL_POSITION,
  type ClusterSnapshot,
  type ClusterStore,
  type MemberRecord,
} from "./cluster-store.ts";
import type { Release } from "./release.ts";
import type { SandboxNode } from "./sandbox-cluster.ts";
import { startDatabaseServer, type PendingChange } from "./database-server.ts";
import { settingsOfDocument, type ServerSettings } from "./server-settings.ts";

/** What a stand-in knows about itself, for its answers. */
export interface StandInState {
  /** The node's own view of the DCS, up to a loop old. */
  readonly view: ClusterSnapshot;
  /** When the DCS last answered, in whole seconds since 1970. */
  readonly dcsLastSeen: number;
  /** The document whose timeouts and settings are in force here. */
  readonly accepted: JsonObject;
  readonly role: "primary" | "replica" | "standby_leader";
  readonly state: "running" | "restarting";
  readonly timeline: number;
  readonly postmasterStart: Date;
}

/** A node without PostgreSQL: its HA loop, what it would run with, and what waits for a restart. */
export interface StandIn {
  readonly node: SandboxNode;
  readonly state: () => StandInState;
  /** What waits for a restart of PostgreSQL. */
  readonly pending: () => ReadonlyMap<string, PendingChange>;
  readonly isLeader: () => boolean;
  /** Reads the DCS afresh and remembers what it saw, as every such read does in Patroni. */
  readonly refresh: () => Promise<ClusterSnapshot>;
  /** Makes the HA loop run now. */
  readonly wake: () => void;
  /** Makes the HA loop run now and reload everything, as SIGHUP does. */
  readonly reload: () => void;
  /** Restarts PostgreSQL: the pending settings come into force. False when one is under way. */
  readonly restart: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

/** What {@link startStandIn} needs. */
export interface StandInOptions {
  readonly node: SandboxNode;
  readonly store: ClusterStore;
  readonly release: Release;
  readonly postgresMajor: number;
  readonly now: () => Date;
  readonly loopSeconds: number | undefined;
}

/** The share of a loop that a restart takes, so that a client sees it take time. */
const RESTART_LOOPS = 0.5;
const LONGEST_RESTART_SECONDS = 2;

/** Starts a node's HA loop; resolves when the first one is done. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { node, store, release, now } = options;
  const alarm = createAlarm();
  const first = await store.read();
  const isFirstLeader = first.leader === node.name;
  const server = startDatabaseServer(settingsOf(first.document), release, options.postgresMajor);
  let seenVersion = 0;
  let isReloadDue = false;
  let state: StandInState = {
    view: first,
    dcsLastSeen: epochSeconds(now),
    accepted: first.document,
    role: isFirstLeader ? leaderRole(first.document) : "replica",
    state: "running",
    timeline: 1,
    postmasterStart: now(),
  };

  function settingsOf(document: JsonObject): ServerSettings {
    return settingsOfDocument(document, release, options.postgresMajor);
  }

  async function refresh(): Promise<ClusterSnapshot> {
    const view = await store.read();
    state = { ...state, view, dcsLastSeen: epochSeconds(now) };
    return view;
  }

  async function runLoop(): Promise<void> {
    const view = await refresh();
    if (view.leader === node.name) lead(view);
    else followTimeline(view);
    store.touchMember(memberRecord(node, state, server.pending()));
    if (isReloadDue) server.reloadAgain();
    isReloadDue = false;
    if (view.version !== seenVersion) takeOver(view);
  }

  /** A leader takes the role that the document asks for; each promotion starts a new timeline. */
  function lead(view: ClusterSnapshot): void {
    const role = leaderRole(view.document);
    const isPromotion = role === "primary" && state.role === "standby_leader";
    state = { ...state, role, timeline: state.timeline + (isPromotion ? 1 : 0) };
    store.publishLeader({ syncMembers: chooseSync(view, release), position: WAL_POSITION });
  }

  function followTimeline(view: ClusterSnapshot): void {
    const leader = view.members.find(({ name }) => name === view.leader);
    state = { ...state, timeline: leader?.timeline ?? state.timeline };
  }

  /** Comes after the loop's own work, as in Patroni: `GET /cluster` shows the effect a loop later. */
  function takeOver(view: ClusterSnapshot): void {
    seenVersion = view.version;
    const acceptance = acceptDocument(view.document, release);
    if (acceptance.kind === "rejected") return;
    state = {
      ...state,
      view: { ...view, document: acceptance.adjusted },
      accepted: acceptance.adjusted,
    };
    server.reload(settingsOf(acceptance.adjusted));
  }

  function pace(): number {
    return options.loopSeconds ?? timeoutOf(adjustTimeouts(state.accepted), "loop_wait");
  }

  async function restart(): Promise<boolean> {
    if (state.state === "restarting") return false;
    state = { ...state, state: "restarting" };
    await pause(Math.min(pace() * RESTART_LOOPS, LONGEST_RESTART_SECONDS) * 1000);
    const isPrimary = state.role === "primary";
    server.restart(isPrimary ? undefined : store.controlData.settings);
    if (isPrimary) store.controlData.settings = server.running();
    state = { ...state, state: "running", postmasterStart: now() };
    alarm.wake();
    return true;
  }

  async function keepLooping(): Promise<void> {
    while (await alarm.sleep(pace())) await runLoop();
  }

  if (isFirstLeader) store.controlData.settings = server.running();
  await runLoop();
  const looping = keepLooping();
  return {
    node,
    state: () => state,
    pending: server.pending,
    isLeader: () => state.view.leader === node.name,
    refresh,
    wake: () => alarm.wake(),
    reload() {
      isReloadDue = true;
      alarm.wake();
    },
    restart,
    async stop() {
      alarm.dismantle();
      await looping;
    },
  };
}

function leaderRole(document: JsonObject): "primary" | "standby_leader" {
  return isStandbyCluster(document) ? "standby_leader" : "primary";
}

function memberRecord(
  node: SandboxNode,
  state: StandInState,
  pending: MemberRecord["pending"],
): MemberRecord {
  return {
    name: node.name,
    address: node.address,
    restPort: node.restPort,
    postgresPort: node.postgresPort,
    state: state.state,
    isStreaming: state.role !== "primary" && !isTruthy(node.tags["nostream"]),
    timeline: state.timeline,
    tags: node.tags,
    pending,
    position: WAL_POSITION,
  };
}

function epochSeconds(now: () => Date): number {
  return Math.floor(now().getTime() / 1000);
}
