import { type Context, Hono } from "hono";
import type { Cookbook, Draft } from "./cookbook.ts";
import type { Dropserver } from "./dropserver.d.ts";
import { editPage, messagePage, newPage, recipePage, shelfPage } from "./pages.ts";
import icon from "./icon.svg" with { type: "text" };
import style from "./style.css" with { type: "text" };

// Hono hands the second argument of fetch on as `env`: here it is the dropserver object.
type Here = Context<{ Bindings: Dropserver }>;

export function site(cookbook: Cookbook): Hono<{ Bindings: Dropserver }> {
  const app = new Hono<{ Bindings: Dropserver }>();

  app.get("/icon.svg", () => answerFile("image/svg+xml", icon));
  app.get("/style.css", () => answerFile("text/css; charset=utf-8", style));

  app.use(async (here, next) => {
    if (here.req.method !== "GET" && !mayEdit(here)) {
      return here.html(messagePage("Not allowed", "You may read here, but not change."), 403);
    }
    await next();
    here.header("cache-control", "no-store");
  });

  app.get("/", (here) => {
    const [words, tag] = [here.req.query("q")?.trim() ?? "", here.req.query("tag") ?? ""];
    const recipes = cookbook.find(words, tag);
    return here.html(
      shelfPage({ recipes, tags: cookbook.tags(), words, tag, mayEdit: mayEdit(here) }),
    );
  });

  app.get("/new", (here) => mayEdit(here) ? here.html(newPage()) : here.notFound());

  app.post("/new", async (here) => {
    const draft = await readDraft(here);
    return draft ? here.redirect(`/recipes/${cookbook.add(draft).id}`, 303) : incomplete(here);
  });

  app.get("/recipes/:id", (here) => {
    const recipe = cookbook.recipe(here.req.param("id"));
    if (!recipe) return here.notFound();
    const servings = wholeNumber(here.req.query("servings"), 1, 99) ?? recipe.servings;
    return here.html(recipePage(recipe, servings, mayEdit(here)));
  });

  app.get("/recipes/:id/edit", (here) => {
    const recipe = cookbook.recipe(here.req.param("id"));
    return recipe && mayEdit(here) ? here.html(editPage(recipe)) : here.notFound();
  });

  app.post("/recipes/:id", async (here) => {
    const recipe = cookbook.recipe(here.req.param("id"));
    if (!recipe) return here.notFound();
    const draft = await readDraft(here);
    if (!draft) return incomplete(here);
    cookbook.save({ id: recipe.id, ...draft });
    return here.redirect(`/recipes/${recipe.id}`, 303);
  });

  app.post("/recipes/:id/delete", (here) => {
    cookbook.remove(here.req.param("id"));
    return here.redirect("/", 303);
  });

  app.notFound((here) => here.html(messagePage("Not found", "There is no such recipe."), 404));
  return app;
}

/** Someone without an account has what the appspace's config says in GUESTS, by default nothing. */
function mayEdit({ env: { user, config } }: Here): boolean {
  return user === null ? config.GUESTS === "edit" : user.permissions.includes("edit");
}

async function readDraft(here: Here): Promise<Draft | undefined> {
  const form = await here.req.formData();
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const list = (name: string, separator: string | RegExp) =>
    text(name).split(separator).map((it) => it.trim()).filter((it) => it !== "");

  const title = text("title").slice(0, 120);
  const servings = wholeNumber(text("servings"), 1, 99);
  const minutes = wholeNumber(text("minutes"), 0, 9999);
  const [ingredients, steps] = [list("ingredients", /\r?\n/), list("steps", /\r?\n/)];
  const isComplete = title !== "" && ingredients.length > 0 && steps.length > 0;
  if (!isComplete || servings === undefined || minutes === undefined) return undefined;
  return { title, servings, minutes, tags: [...new Set(list("tags", ","))], ingredients, steps };
}

function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  const value = Number(text || NaN);
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

function incomplete(here: Here) {
  const message = "A recipe needs a name, servings, minutes, ingredients and a method.";
  return here.html(messagePage("Not saved", message), 400);
}

/** Pages name these files with the app's version, so browsers may keep them. */
function answerFile(type: string, content: string): Response {
  const headers = { "content-type": type, "cache-control": "private, max-age=31536000, immutable" };
  return new Response(content, { headers });
}
