import { declareSplitCases } from "./split-cases.ts";

declareSplitCases({ count: 1, othersElect: false });
