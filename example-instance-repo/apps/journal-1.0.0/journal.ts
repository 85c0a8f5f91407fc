import { DatabaseSync } from "node:sqlite";

export interface Entry {
  readonly id: number;
  /** As in 2026-11-25. */
  readonly day: string;
  readonly title: string;
  readonly text: string;
}

/** Each step brings the database from the version before it to the next; only ever add to them. */
const steps = [
  `CREATE TABLE entry (
     id INTEGER PRIMARY KEY, day TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL) STRICT;
   CREATE INDEX entry_day ON entry (day)`,
];

/** The entries, in one SQLite file. */
export class Journal implements Disposable {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#migrate();
  }

  /** Latest day first. */
  entries(): Entry[] {
    return this.#all("SELECT * FROM entry ORDER BY day DESC, id DESC");
  }

  entry(id: number): Entry | undefined {
    return this.#all("SELECT * FROM entry WHERE id = ?", id)[0];
  }

  /** Returns the new entry's id. */
  add({ day, title, text }: Omit<Entry, "id">): number {
    const insert = "INSERT INTO entry (day, title, text) VALUES (?, ?, ?)";
    return Number(this.#database.prepare(insert).run(day, title, text).lastInsertRowid);
  }

  change({ id, day, title, text }: Entry): void {
    const update = "UPDATE entry SET day = ?, title = ?, text = ? WHERE id = ?";
    this.#database.prepare(update).run(day, title, text, id);
  }

  remove(id: number): void {
    this.#database.prepare("DELETE FROM entry WHERE id = ?").run(id);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #all(query: string, ...values: (string | number)[]): Entry[] {
    return this.#database.prepare(query).all(...values) as unknown as Entry[];
  }

  #migrate(): void {
    const row = this.#database.prepare("PRAGMA user_version").get();
    for (let version = Number(row!.user_version); version < steps.length; version++) {
      const next = `PRAGMA user_version = ${version + 1}`;
      this.#database.exec(`BEGIN; ${steps[version]}; ${next}; COMMIT`);
    }
  }
}
