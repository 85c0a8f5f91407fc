import manifest from "./dropapp.json" with { type: "json" };
import { type Html, html } from "./html.ts";
import type { Entry } from "./journal.ts";

export interface Home {
  readonly entries: readonly Entry[];
  /** What was searched for; empty: everything is shown. */
  readonly words: string;
  readonly mayWrite: boolean;
  readonly today: string;
  /** Empty for none. */
  readonly weather: string;
}

export function homePage({ entries, words, mayWrite, today, weather }: Home): Html {
  const found = html`
    <div id="entries" aria-live="polite">
      ${words && html`
        <p class="note">${count(entries.length)} with “${words}” · <a href="/">Show all</a></p>
      `}
      ${entries.length === 0 && !words && html`
        <p class="empty">Nothing here yet.${mayWrite && " The first page is yours."}</p>
      `}
      ${[...byMonth(entries)].map(([month, list]) => monthSection(month, list))}
    </div>
  `;
  const write = html`
    <details class="write card" id="write" ${entries.length === 0 && "open"}>
      <summary>What happened today?</summary>
      ${entryForm("/entries", { day: today, title: "", text: "" })}
    </details>
  `;
  const outside = html`<p class="note weather">${weather}</p>`;
  return page(
    "Journal",
    html`${weather && outside} ${mayWrite && !words && write} ${found}`,
    words,
  );
}

export function entryPage(entry: Entry, mayWrite: boolean): Html {
  const paragraphs = entry.text.split(/\n\s*\n/).filter((it) => it.trim() !== "");
  const content = html`
    <article class="entry">
      <p class="date"><time datetime="${entry.day}">${longDay(entry.day)}</time></p>
      <h1>${titleOf(entry)}</h1>
      ${paragraphs.map((it) => html`<p class="text">${it.trim()}</p>`)}
    </article>
    <nav class="actions" aria-label="This entry">
      <a class="button quiet" href="/">← All entries</a>
      ${mayWrite && html`<a class="button" href="/entries/${entry.id}/edit">Change</a>`}
    </nav>
  `;
  return page(titleOf(entry), content);
}

export function editPage(entry: Entry): Html {
  const content = html`
    <h1>Change this entry</h1>
    <div class="card">${entryForm(`/entries/${entry.id}`, entry)}</div>
    <details class="remove">
      <summary>Delete it…</summary>
      <form method="post" action="/entries/${entry.id}/delete">
        <p>It will be gone for good.</p>
        <button class="danger">Delete this entry</button>
      </form>
    </details>
  `;
  return page(`Change: ${titleOf(entry)}`, content);
}

export function messagePage(title: string, message: string): Html {
  return page(
    title,
    html`
      <h1>${title}</h1>
      <p>${message}</p>
      <p><a href="/">All entries</a></p>
    `,
  );
}

function page(title: string, content: Html, words = ""): Html {
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
        <script type="module" src="/script.js?${version}"></script>
      </head>
      <body>
        <header>
          <a class="brand"
            href="/"><img src="/icon.svg?${version}" alt="" width="32" height="32">Journal</a>
          <form class="search" role="search" action="/">
            <input type="search" name="q" value="${words}" placeholder="Search"
              aria-label="Search entries"
              aria-keyshortcuts="/" autocomplete="off">
          </form>
        </header>
        <main>${content}</main>
      </body>
    </html>
  `;
}

function entryForm(action: string, entry: Omit<Entry, "id">): Html {
  return html`
    <form method="post" action="${action}" class="fields">
      <label>Title <input name="title" value="${entry
        .title}" maxlength="200" autocomplete="off"></label>
      <label>Day <input type="date" name="day" value="${entry.day}" required></label>
      <label class="wide">Text
        <textarea name="text" rows="6" maxlength="100000" required>${entry.text}</textarea>
      </label>
      <button>Save</button>
    </form>
  `;
}

function monthSection(month: string, entries: readonly Entry[]): Html {
  return html`
    <section>
      <h2>${month}</h2>
      <ol class="entries">
        ${entries.map((entry) =>
          html`
            <li>
              <a class="card line" href="/entries/${entry.id}">
                <time datetime="${entry.day}"><b>${Number(entry.day.slice(8))}</b> ${weekday(
                  entry.day,
                )}</time>
                <span><strong>${titleOf(entry)}</strong> <span class="excerpt">${excerpt(
                  entry,
                )}</span></span>
              </a>
            </li>
          `
        )}
      </ol>
    </section>
  `;
}

function byMonth(entries: readonly Entry[]): Map<string, Entry[]> {
  return Map.groupBy(entries, ({ day }) => format(day, { month: "long", year: "numeric" }));
}

function titleOf({ title, day }: Entry): string {
  return title || format(day, { weekday: "long", day: "numeric", month: "long" });
}

function excerpt({ text }: Entry): string {
  return text.length > 180 ? `${text.slice(0, 180).trimEnd()}…` : text;
}

function count(entries: number): string {
  return entries === 1 ? "One entry" : `${entries || "No"} entries`;
}

const weekday = (day: string) => format(day, { weekday: "short" });
const longDay = (day: string) => format(day, { dateStyle: "full" });

function format(day: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(new Date(day));
}
