import { Journal } from "./journal.ts";
import { site } from "./site.ts";

// The working folder is /data, the one place that an app can write to and that is backed up.
export default { fetch: site(new Journal("journal.sqlite")) };
