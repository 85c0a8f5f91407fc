// The app whose pages try to carry a secret out of the browser: one technique per file, served under
// /PORT/SECRET/TECHNIQUE/FILE, where PORT is the collector's.
//
// A technique is a plain page. The app moves inline scripts and styles, which the policy forbids, into separate files,
// as an attacker would. In an appspace that may use inline ones (INLINE in its config) they stay.
// <file name="worker.js">…</file> is an additional file. Comments at the start of a page or a file set its response:
// <!-- status: 302 -->, <!-- header: Name: value -->.

const PATH = /^\/(\d+)\/([a-z0-9]+)\/([a-z-]+\/[a-z0-9-]+)\/([a-z0-9.-]*)$/;
const FILE = /<file name="([^"]+)">([\s\S]*?)<\/file>\s*/g;
const COLLECTOR_PAGE = /<collector [\s\S]*?<\/collector>\s*/g;
const COMMENT = /<!-- (?:([a-z]+): )?([\s\S]*?) -->\s*/g;
// Import maps, speculation rules and bundles cannot be external files.
const SCRIPT =
  /<script((?:(?! src=| type="(?:importmap|speculationrules|webbundle)")[^>])*)>([\s\S]+?)<\/script>/g;
const INLINE = Deno.env.get("INLINE") === "yes";
const STYLE = /<style>([\s\S]*?)<\/style>/g;

const TYPES: Record<string, string> = {
  css: "text/css",
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  json: "application/json",
  pdf: "application/pdf",
  svg: "image/svg+xml",
  vtt: "text/vtt",
  webmanifest: "application/manifest+json",
  xml: "application/xml",
  xsl: "text/xsl",
};

interface File {
  name: string;
  text: string;
  status: number;
  headers: [string, string][];
}

export default {
  async fetch(request: Request): Promise<Response> {
    const found = new URL(request.url).pathname.match(PATH);
    if (!found) return new Response("ready");
    const [, port, secret, technique, name] = found;
    const file = (await files(technique, port, secret)).find((file) =>
      file.name === name
    );
    if (!file) return new Response("no such file", { status: 404 });
    const type = TYPES[file.name.split(".").at(-1) ?? ""] ?? TYPES.html;
    const headers = new Headers({
      "Content-Type": type,
      "Cache-Control": "no-store",
    });
    file.headers.forEach(([name, value]) => headers.append(name, value));
    return new Response(file.text, { status: file.status, headers });
  },
};

async function files(
  technique: string,
  port: string,
  secret: string,
): Promise<File[]> {
  const values: Record<string, string> = {
    secret,
    port,
    collector: `http://${secret}.collector.localhost:${port}`,
    authority: `${secret}.collector.localhost:${port}`,
    name: `${secret}.leak.test`,
  };
  const source = (await read(technique))
    .replace(COLLECTOR_PAGE, "")
    .replace(/\{\{([a-z]+)\}\}/g, (_, key) => values[key]);
  const all: File[] = [];
  const page = source.replace(FILE, (_, name, text) => {
    all.push(...parts(name, text));
    return "";
  });
  return [...parts("", page), ...all];
}

async function read(technique: string): Promise<string> {
  try {
    return await Deno.readTextFile(
      new URL(`techniques/${technique}.html`, import.meta.url),
    );
  } catch {
    return "";
  }
}

/** A file, and the separate files of its scripts and styles. */
function parts(name: string, source: string): File[] {
  let status = 200;
  const headers: [string, string][] = [];
  let text = source.replace(COMMENT, (_, directive, value) => {
    if (directive === "status") status = Number(value);
    if (directive === "header") headers.push(value.split(/: (.*)/s, 2));
    return "";
  });
  const moved: File[] = [];
  const move = (kind: string, text: string): string => {
    const to = `${name || "page"}-${moved.length}.${kind}`;
    moved.push({ name: to, text, status: 200, headers: [] });
    return to;
  };
  if (name === "" || name.endsWith(".html")) {
    if (!INLINE) {
      text = text
        .replace(
          SCRIPT,
          (_, attributes, script) =>
            `<script${attributes} src="${move("js", script)}"></script>`,
        )
        .replace(
          STYLE,
          (_, style) => `<link rel="stylesheet" href="${move("css", style)}">`,
        );
    }
    text =
      `<!DOCTYPE html><meta charset="utf-8"><title>A page</title>\n${text}`;
  }
  return [{ name, text: text.trim(), status, headers }, ...moved];
}
