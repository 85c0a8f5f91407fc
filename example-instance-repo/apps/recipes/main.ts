import { Cookbook } from "./cookbook.ts";
import { site } from "./site.ts";

// A Hono app exports a fetch handler already. The working folder is /data.
export default site(new Cookbook("recipes"));
