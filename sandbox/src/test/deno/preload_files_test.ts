import { equal } from "node:assert/strict";
import { writeFiles } from "../../main/deno/preload.ts";

Deno.test("a file of the manifest is written once, and never changed", () => {
  const folder = Deno.makeTempDirSync();
  try {
    writeFiles({ "wiki/deep/info": "first", "own": "first" }, folder);
    equal(Deno.readTextFileSync(`${folder}/wiki/deep/info`), "first");
    Deno.writeTextFileSync(`${folder}/own`, "by a person");
    Deno.removeSync(`${folder}/wiki/deep/info`);
    writeFiles({ "wiki/deep/info": "second", "own": "second" }, folder);
    equal(Deno.readTextFileSync(`${folder}/wiki/deep/info`), "second");
    equal(Deno.readTextFileSync(`${folder}/own`), "by a person");
    equal([...Deno.readDirSync(folder)].length, 2);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a link in the place of a file is left alone", () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.symlinkSync("nowhere", `${folder}/info`);
    writeFiles({ info: "text" }, folder);
    equal(Deno.readLinkSync(`${folder}/info`), "nowhere");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
