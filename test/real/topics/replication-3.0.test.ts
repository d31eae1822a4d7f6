import { declareReplicationCases } from "./replication-cases.ts";
import { ROWS_3_0 } from "./replication-rows.ts";

declareReplicationCases({ release: "3.0", cluster: "tiers-30", network: "10.34", rows: ROWS_3_0 });
