import { declareSplitCases } from "./split-cases.ts";

declareSplitCases({ count: 2, othersElect: true });
