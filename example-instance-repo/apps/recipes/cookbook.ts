/** What a person writes. */
export interface Draft {
  readonly title: string;
  readonly servings: number;
  readonly minutes: number;
  readonly tags: readonly string[];
  readonly ingredients: readonly string[];
  readonly steps: readonly string[];
}

export interface Recipe extends Draft {
  readonly id: string;
}

/** The recipes, each in a JSON file of its own. */
export class Cookbook {
  readonly #folder: string;
  readonly #recipes = new Map<string, Recipe>();

  constructor(folder: string) {
    this.#folder = folder;
    Deno.mkdirSync(folder, { recursive: true });
    for (const { name } of Deno.readDirSync(folder)) {
      if (!name.endsWith(".json")) continue;
      const recipe = JSON.parse(Deno.readTextFileSync(`${folder}/${name}`));
      this.#recipes.set(recipe.id, recipe);
    }
  }

  /** In the order of their titles. */
  recipes(): Recipe[] {
    return [...this.#recipes.values()].sort((a, b) => a.title.localeCompare(b.title));
  }

  recipe(id: string): Recipe | undefined {
    return this.#recipes.get(id);
  }

  /** Those with this tag that hold each of the words somewhere; empty means any. */
  find(words: string, tag: string): Recipe[] {
    const wanted = plain(words).split(/\s+/);
    return this.recipes().filter((recipe) => {
      if (tag !== "" && !recipe.tags.includes(tag)) return false;
      const text = plain([recipe.title, ...recipe.tags, ...recipe.ingredients].join(" "));
      return wanted.every((word) => text.includes(word));
    });
  }

  tags(): string[] {
    const tags = new Set(this.recipes().flatMap(({ tags }) => tags));
    return [...tags].sort((a, b) => a.localeCompare(b));
  }

  add(draft: Draft): Recipe {
    return this.save({ id: this.#freeId(draft.title), ...draft });
  }

  save(recipe: Recipe): Recipe {
    // A new file takes the place of the old one at once: what is read or backed up is never half.
    const file = `${this.#folder}/${recipe.id}.json`;
    Deno.writeTextFileSync(`${file}.new`, JSON.stringify(recipe, null, 2) + "\n");
    Deno.renameSync(`${file}.new`, file);
    this.#recipes.set(recipe.id, recipe);
    return recipe;
  }

  remove(id: string): void {
    if (this.#recipes.delete(id)) Deno.removeSync(`${this.#folder}/${id}.json`);
  }

  #freeId(title: string): string {
    const base = plain(title).replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
    for (let n = 1;; n++) {
      const id = n === 1 && base !== "" ? base : `${base || "recipe"}-${n}`;
      if (!this.#recipes.has(id)) return id;
    }
  }
}

/** Lower case and without accents. */
function plain(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(/\p{Mark}/gu, "").trim();
}
