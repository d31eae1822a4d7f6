export { renderCluster } from "../compiler/render-cluster.ts";
export { openCompiler } from "../pipeline/compile-project.ts";
