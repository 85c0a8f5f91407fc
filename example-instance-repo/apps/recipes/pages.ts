import { html } from "hono/html";
import { scale } from "./amounts.ts";
import type { Draft, Recipe } from "./cookbook.ts";
import manifest from "./dropapp.json" with { type: "json" };

type Page = ReturnType<typeof html>;

export interface Shelf {
  readonly recipes: readonly Recipe[];
  readonly tags: readonly string[];
  /** What was searched for, empty for all. */
  readonly words: string;
  readonly tag: string;
  readonly mayEdit: boolean;
}

export function shelfPage({ recipes, tags, words, tag, mayEdit }: Shelf): Page {
  const searched = words !== "" || tag !== "";
  const link = (name: string) =>
    `/?${new URLSearchParams({ ...(words && { q: words }), tag: name })}`;
  return page(
    "Recipes",
    html`
      <form class="search" role="search" action="/">
        <input type="search" name="q" value="${words}" placeholder="Dish or ingredient" aria-label="Search recipes">
        ${tag && html`<input type="hidden" name="tag" value="${tag}">`}
        <button>Search</button>
      </form>
      ${tags.length > 0 && html`
        <nav class="tags" aria-label="Tags">
          <a href="/" ${current(!searched)}>All</a>
          ${tags.map((name) => html`<a href="${link(name)}" ${current(name === tag)}>${name}</a>`)}
        </nav>
      `}
      ${recipes.length === 0
        ? html`<p class="empty">${
          searched ? "No recipe fits." : "This cookbook is still empty."
        }</p>`
        : html`<ul class="shelf">${recipes.map(card)}</ul>`}
      ${mayEdit && html`<p class="add"><a class="button" href="/new">Add a recipe</a></p>`}
    `,
  );
}

function card({ id, title, minutes, servings, tags }: Recipe): Page {
  return html`
    <li>
      <a class="card" href="/recipes/${id}">
        <strong>${title}</strong>
        <span class="facts">${facts(minutes, servings)}</span>
        <span class="tags">${tags.map((tag) => html`<span>${tag}</span>`)}</span>
      </a>
    </li>
  `;
}

export function recipePage(recipe: Recipe, servings: number, mayEdit: boolean): Page {
  const { id, title, minutes, tags, ingredients, steps } = recipe;
  const factor = servings / recipe.servings;
  const step = (by: number, sign: string, label: string) =>
    servings + by >= 1 && servings + by <= 99 && html`
      <a class="round" href="?servings=${servings + by}" aria-label="${label}">${sign}</a>
    `;
  return page(
    title,
    html`
      <article>
        <h1>${title}</h1>
        <p class="facts">
          ${minutes > 0 && `${minutes} min`}
          <span class="tags">${tags.map((tag) =>
            html`<a href="/?tag=${encodeURIComponent(tag)}">${tag}</a>`
          )}</span>
        </p>
        <div class="columns">
          <section class="card ingredients" aria-labelledby="ingredients">
            <h2 id="ingredients">Ingredients</h2>
            <p class="servings">
              ${step(-1, "−", "One serving less")}
              <span>for <b>${servings}</b></span>
              ${step(1, "+", "One serving more")}
            </p>
            <ul>
              ${ingredients.map((it) =>
                html`<li><label><input type="checkbox"> <span>${
                  scale(it, factor)
                }</span></label></li>`
              )}
            </ul>
          </section>
          <section aria-labelledby="method">
            <h2 id="method">Method</h2>
            <ol class="steps">${steps.map((it) => html`<li>${it}</li>`)}</ol>
          </section>
        </div>
      </article>
      <nav class="actions" aria-label="This recipe">
        <a class="button quiet" href="/">← All recipes</a>
        ${mayEdit && html`<a class="button quiet" href="/recipes/${id}/edit">Change</a>`}
      </nav>
    `,
  );
}

export function newPage(): Page {
  const empty = { title: "", servings: 4, minutes: 30, tags: [], ingredients: [], steps: [] };
  return page("New recipe", html`<h1>New recipe</h1>${recipeForm("/new", empty)}`);
}

export function editPage(recipe: Recipe): Page {
  const { id, title } = recipe;
  return page(
    `Change: ${title}`,
    html`
      <h1>${title}</h1>
      ${recipeForm(`/recipes/${id}`, recipe)}
      <details class="remove">
        <summary>Delete it…</summary>
        <form method="post" action="/recipes/${id}/delete">
          <p>It will be gone for good.</p>
          <button class="danger">Delete this recipe</button>
        </form>
      </details>
    `,
  );
}

export function messagePage(title: string, message: string): Page {
  return page(
    title,
    html`
      <h1>${title}</h1>
      <p>${message}</p>
      <p><a href="/">All recipes</a></p>
    `,
  );
}

function recipeForm(action: string, draft: Draft): Page {
  const lines = (list: readonly string[]) => list.join("\n");
  return html`
    <form method="post" action="${action}" class="card fields">
      <label class="wide">Name
        <input name="title" value="${draft
          .title}" maxlength="120" required autocomplete="off"></label>
      <label>Servings
        <input type="number" name="servings" value="${draft
          .servings}" min="1" max="99" required></label>
      <label>Minutes
        <input type="number" name="minutes" value="${draft
          .minutes}" min="0" max="9999" required></label>
      <label class="wide">Tags, separated by commas
        <input name="tags" value="${draft.tags.join(
          ", ",
        )}" maxlength="200" autocomplete="off"></label>
      <label class="wide">Ingredients, one per line, the amount first
        <textarea name="ingredients" rows="7" required>${lines(
          draft.ingredients,
        )}</textarea></label>
      <label class="wide">Method, one step per line
        <textarea name="steps" rows="7" required>${lines(draft.steps)}</textarea></label>
      <button>Save</button>
    </form>
  `;
}

function page(title: string, content: Page): Page {
  const version = manifest.version;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}</title>
        <link rel="icon" href="/icon.svg?${version}">
        <link rel="stylesheet" href="/style.css?${version}">
      </head>
      <body>
        <header>
          <a class="brand"
            href="/"><img src="/icon.svg?${version}" alt="" width="36" height="36">Recipes</a>
        </header>
        <main>${content}</main>
      </body>
    </html>
  `;
}

function facts(minutes: number, servings: number): string {
  return [minutes > 0 && `${minutes} min`, `for ${servings}`].filter(Boolean).join(" · ");
}

function current(isCurrent: boolean): Page | string {
  return isCurrent ? html`aria-current="page"` : "";
}
