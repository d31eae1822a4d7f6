import fc from "fast-check";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { SETTINGS } from "../../src/patroni/settings-table.ts";

const TEXTS = "30|abc| 7 |1_000|5min|128MB|0x10|-1||on|replica|1.5|16 MB".split("|");
const KEYS = [
  ..."ttl loop_wait retry_timeout maximum_lag_on_failover maximum_lag_on_syncnode".split(" "),
  ..."check_timeline primary_start_timeout primary_stop_timeout master_start_timeout".split(" "),
  ..."master_stop_timeout synchronous_node_count synchronous_mode failsafe_mode pause".split(" "),
  ..."slots watchdog tags postgresql standby_cluster max_timelines_history member_slots_ttl".split(
    " ",
  ),
];
const PARAMETERS = SETTINGS.filter(({ path }) => path[1] === "parameters").map(
  ({ path }) => path[2] ?? "",
);

const value = fc.constantFrom<Json>(
  ...TEXTS,
  0,
  30,
  -1,
  1.5,
  true,
  false,
  null,
  [],
  [1],
  {},
  { a: 1 },
);
const parameters = fc.dictionary(
  fc.constantFrom(...PARAMETERS, "Max_Connections", "work_mem"),
  value,
  { maxKeys: 2 },
);
const postgresql = fc.oneof(
  value,
  parameters.map((map): Json => ({ parameters: map })),
  value.map((inner): Json => ({ parameters: inner })),
);

/** Dynamic configurations of the keys on which Patroni may throw, with values that people write and worse ones. */
export const dynamicDocuments: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 2 }),
    fc.option(postgresql, { nil: undefined }),
  )
  .map(([document, section]) =>
    section === undefined ? document : { ...document, postgresql: section },
  );

const quantity = fc
  .tuple(
    fc.constantFrom("", " "),
    fc.constantFrom(..."0|1|16|010|0x1F|-5|+7|1.5|.5|2.5e2|1e1|abc||7.|08".split("|")),
    fc.constantFrom(..."|s|ms|min|h|d|us|kB|MB|GB|TB|B| min|mb|x|e".split("|")),
  )
  .map((parts): Json => parts.join(""));

/** Numbers with and without units, as text and as numbers, and what is none. */
export const quantities: fc.Arbitrary<Json> = fc.oneof(
  { weight: 9, arbitrary: quantity },
  fc.constantFrom<Json>(0, 7, 1.5, 2.5, -3, true, null, [], {}),
);
