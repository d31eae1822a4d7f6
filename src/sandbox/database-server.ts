import { BASE_FILE, KEPT_FROM_CONTROL_DATA, postmasterDefaults } from "./postmaster-defaults.ts";
import type { Release } from "./release.ts";
import type { ServerSetting, ServerSettings } from "./server-settings.ts";

/** A setting that waits for a restart, with both values as `SHOW` prints them. */
export interface PendingChange {
  readonly oldValue: string;
  readonly newValue: string;
}

/** A node's PostgreSQL as far as its settings go: what it runs with, and what it would need a restart for. */
export interface DatabaseServer {
  /** What waits for a restart, as Patroni says it; empty when nothing does. */
  readonly pending: () => ReadonlyMap<string, PendingChange>;
  /** Takes over new settings as far as that goes without a restart. */
  readonly reload: (wanted: ServerSettings) => void;
  /** Reads everything again because somebody asked for it: `POST /reload` or SIGHUP. */
  readonly reloadAgain: () => void;
  /** Starts again with the settings of the last reload. */
  readonly restart: (primary: RunningSettings | undefined) => void;
  readonly running: () => RunningSettings;
}

/** The values that a restart would change, by parameter. */
export type RunningSettings = ReadonlyMap<string, string>;

/**
 * Starts a server with settings.
 *
 * Two programs decide together what is pending, and each forgets differently. PostgreSQL marks a
 * parameter when its file says another value than it runs with, unmarks it only when the file says the
 * running value again, and so keeps the mark when the line is removed: then old and new value are equal
 * and only a restart ends it. Patroni asks PostgreSQL only after it has written the file, which it does
 * only when something changed; when nothing did, it takes nothing to be pending.
 *
 * @see patroni/postgresql/config.py:ConfigHandler.reload_config, guc.c:ProcessConfigFileInternal
 */
export function startDatabaseServer(
  initial: ServerSettings,
  release: Release,
  postgresMajor: number,
): DatabaseServer {
  const defaults = postmasterDefaults(postgresMajor);
  let known = initial;
  let file = initial;
  let running = runningWith(initial, defaults);
  let namesAtStart = restartNames(initial);
  const marked = new Set<string>();
  let pending: ReadonlyMap<string, PendingChange> = new Map();

  function isChange(wanted: ServerSettings): boolean {
    for (const [name, setting] of wanted) {
      const current = setting.needsRestart ? running.get(name) : file.get(name)?.text;
      if (current !== setting.text) return true;
      const last = known.get(name);
      if (release.noticesReverts && last !== undefined && last.text !== setting.text) return true;
    }
    return [...known.keys()].some((name) => !wanted.has(name));
  }

  function readFile(): void {
    for (const [name, { text, needsRestart }] of new Map([...BASE_FILE, ...file]))
      if (needsRestart && running.get(name) !== text) marked.add(name);
      else marked.delete(name);
    for (const name of namesAtStart) if (!file.has(name) && !BASE_FILE.has(name)) marked.add(name);
  }

  function askServer(): void {
    readFile();
    const wanted = runningWith(file, defaults);
    pending = new Map(
      [...marked].map((name) => [
        name,
        { oldValue: running.get(name) ?? "", newValue: wanted.get(name) ?? "" },
      ]),
    );
  }

  return {
    pending: () => pending,
    running: () => running,
    reload(wanted) {
      const isChanged = isChange(wanted);
      known = wanted;
      pending = new Map();
      if (!isChanged) return;
      file = wanted;
      askServer();
    },
    reloadAgain() {
      if (release.noticesReverts) file = known;
      askServer();
    },
    restart(primary) {
      file = primary === undefined ? known : keepControlData(known, primary);
      running = runningWith(file, defaults);
      namesAtStart = restartNames(file);
      marked.clear();
      pending = differences(file, known);
    },
  };
}

function runningWith(settings: ServerSettings, defaults: RunningSettings): RunningSettings {
  const running = new Map(defaults);
  for (const [name, { text, needsRestart }] of settings) if (needsRestart) running.set(name, text);
  return running;
}

function restartNames(settings: ServerSettings): readonly string[] {
  return [...settings].filter(([, { needsRestart }]) => needsRestart).map(([name]) => name);
}

/**
 * What a standby starts with: the primary's values where those are larger, because it could not replay
 * its WAL otherwise.
 *
 * @see patroni/postgresql/config.py:ConfigHandler.effective_configuration
 */
function keepControlData(wanted: ServerSettings, primary: RunningSettings): ServerSettings {
  const settings = new Map<string, ServerSetting>(wanted);
  for (const name of KEPT_FROM_CONTROL_DATA) {
    const kept = primary.get(name);
    if (kept !== undefined && Number(kept) > Number(wanted.get(name)?.text))
      settings.set(name, { text: kept, needsRestart: true });
  }
  return settings;
}

function differences(
  started: ServerSettings,
  wanted: ServerSettings,
): ReadonlyMap<string, PendingChange> {
  const pending = new Map<string, PendingChange>();
  for (const [name, { text }] of wanted) {
    const oldValue = started.get(name)?.text ?? text;
    if (oldValue !== text) pending.set(name, { oldValue, newValue: text });
  }
  return pending;
}
