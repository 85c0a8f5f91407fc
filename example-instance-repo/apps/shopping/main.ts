import { List } from "./list.ts";
import { Site } from "./site.ts";

// A plain Deno program: Dropserver moves its listener to the sandbox's own socket.
// The working folder is /data.
const site = new Site(new List("list.json"), Deno.env.get("GUESTS") === "edit");

Deno.serve((request) => site.answer(request));
