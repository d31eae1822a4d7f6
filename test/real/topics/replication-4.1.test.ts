import { declareReplicationCases } from "./replication-cases.ts";
import { ROWS_4_1 } from "./replication-rows.ts";

declareReplicationCases({ release: "4.1", cluster: "tiers-41", network: "10.38", rows: ROWS_4_1 });
