// The app that refusal_test.ts runs. Each path asks for something that no app gets.
import childProcess, { execSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";

const steps: Record<string, (request: Request) => unknown> = {
  "/command": () => new Deno.Command("ls").output(),
  "/spawn": () =>
    new Promise((started, failed) => spawn("ls").on("error", failed).on("exit", started)),
  "/exec": () =>
    new Promise((done, failed) =>
      childProcess.exec("ls", (error) => error ? failed(error) : done(0))
    ),
  "/fork": () =>
    new Promise((started, failed) =>
      childProcess.fork("x.js").on("error", failed).on("exit", started)
    ),
  "/execSync": () => execSync("ls"),
  "/userInfo": () => os.userInfo(),
  "/relative": () => Deno.writeTextFile("notes.txt", ""),
  "/relative-node": () => fs.writeFileSync("./notes.txt", ""),
  "/removed-folder": (request) => {
    const folder = `${Deno.args[1]}.folder`; // beside the socket
    Deno.mkdirSync(folder);
    Deno.chdir(folder);
    Deno.removeSync(folder);
    Deno.readTextFileSync(new URL(request.url).searchParams.get("path")!);
  },
  "/node-file": () => fs.readFileSync("/etc/passwd"),
};

export default async (request: Request) => {
  try {
    await steps[new URL(request.url).pathname]!(request);
    return Response.json("got it");
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return Response.json({ code, message });
  }
};
