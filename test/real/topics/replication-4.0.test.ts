import { declareReplicationCases } from "./replication-cases.ts";
import { ROWS_4_0 } from "./replication-rows.ts";

declareReplicationCases({ release: "4.0", cluster: "tiers-40", network: "10.37", rows: ROWS_4_0 });
