const here = import.meta.dirname!;

export const publicUrl = "https://garden.home.test";

/** An app in a process of its own. The host starts it the same way, but in a sandbox. */
export class Running implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync();
  readonly socket = `${this.#folder}/app.sock`;
  readonly #client = Deno.createHttpClient({ proxy: { transport: "unix", path: this.socket } });
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<void>[];
  #waiting: (() => void)[] = [];
  /** The output of the process so far, from both streams. */
  log = "";

  private constructor(entrypoint: string) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--quiet", "--allow-env", `--allow-read=${here},${this.#folder}`],
        ...[`--allow-write=${this.#folder}`, `--allow-net=unix:${this.socket}`],
        ...["--preload", `${here}/../../main/deno/preload.ts`],
        ...[`${here}/program.ts`, entrypoint, this.socket],
      ],
      env: {
        DROPSERVER_APPSPACE: "garden",
        DROPSERVER_URL: publicUrl,
        DROPSERVER_CONFIG: `{"units":"metric","user":"root","__proto__":"x"}`,
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = [this.#process.stdout, this.#process.stderr].map((it) => this.#collect(it));
  }

  /** Returns when the app serves. */
  static async start(entrypoint: string): Promise<Running> {
    const running = new Running(entrypoint);
    await running.logged("serving");
    return running;
  }

  /** Waits for the end of the process and returns its exit code. */
  static async fail(entrypoint: string): Promise<{ code: number; log: string }> {
    await using running = new Running(entrypoint);
    const code = await running.end();
    return { code, log: running.log };
  }

  async #collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.log += text;
      this.#waiting.splice(0).forEach((wake) => wake());
    }
  }

  async logged(text: string): Promise<void> {
    while (!this.log.includes(text)) await new Promise<void>((wake) => this.#waiting.push(wake));
  }

  get(path: string, headers: HeadersInit = {}): Promise<Response> {
    const url = `http://garden.home.test:8080${path}`;
    return fetch(url, { headers, redirect: "manual", client: this.#client });
  }

  async text(path: string): Promise<string> {
    return await (await this.get(path)).text();
  }

  terminate(): void {
    this.#process.kill("SIGTERM");
  }

  async end(): Promise<number> {
    const { code } = await this.#process.status;
    await Promise.all(this.#output);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it had already ended
    }
    await this.end();
    this.#client.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
