export interface Thing {
  readonly id: number;
  readonly name: string;
  readonly ticked: boolean;
  /** Who put it on the list; empty for a guest. */
  readonly by: string;
}

interface Saved {
  things: Thing[];
  /** Names that were on the list once, latest first: suggestions. */
  known: string[];
}

const mostThings = 500;
const mostKnown = 200;

/** The list, in one JSON file. */
export class List {
  readonly #file: string;
  #saved: Saved = { things: [], known: [] };

  constructor(file: string) {
    this.#file = file;
    try {
      this.#saved = JSON.parse(Deno.readTextFileSync(file));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** What is still to buy first, in the order of adding. */
  things(): Thing[] {
    const { things } = this.#saved;
    return [...things.filter((it) => !it.ticked), ...things.filter((it) => it.ticked)];
  }

  /** Names of earlier things that are not on the list now. */
  suggestions(): string[] {
    const present = new Set(this.#saved.things.map(({ name }) => name.toLowerCase()));
    return this.#saved.known.filter((name) => !present.has(name.toLowerCase())).slice(0, 50);
  }

  /** A thing that is on the list already is only unticked. */
  add(name: string, by: string): void {
    const same = (other: string) => other.toLowerCase() === name.toLowerCase();
    const { things, known } = this.#saved;
    const present = things.find((it) => same(it.name));
    if (present) return this.tick(present.id, false);
    if (things.length >= mostThings) return;
    const id = Math.max(0, ...things.map((it) => it.id)) + 1;
    this.#save({
      things: [...things, { id, name, ticked: false, by }],
      known: [name, ...known.filter((it) => !same(it))].slice(0, mostKnown),
    });
  }

  tick(id: number, ticked: boolean): void {
    const things = this.#saved.things.map((it) => it.id === id ? { ...it, ticked } : it);
    this.#save({ ...this.#saved, things });
  }

  remove(id: number): void {
    this.#save({ ...this.#saved, things: this.#saved.things.filter((it) => it.id !== id) });
  }

  clearTicked(): void {
    this.#save({ ...this.#saved, things: this.#saved.things.filter((it) => !it.ticked) });
  }

  #save(saved: Saved): void {
    // A new file takes the place of the old one at once: what is read or backed up is never half.
    Deno.writeTextFileSync(`${this.#file}.new`, JSON.stringify(saved, null, 2) + "\n");
    Deno.renameSync(`${this.#file}.new`, this.#file);
    this.#saved = saved;
  }
}
