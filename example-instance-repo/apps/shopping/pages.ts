import manifest from "./dropapp.json" with { type: "json" };
import { type Html, html } from "./html.ts";
import type { List, Thing } from "./list.ts";

export function listPage(list: List, mayEdit: boolean): Html {
  const version = manifest.version;
  return html`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Shopping</title>
    <link rel="icon" href="/icon.svg?${version}">
    <link rel="stylesheet" href="/style.css?${version}">
    <script type="module" src="/script.js?${version}"></script>
  </head>
  <body>
    <header>
      <h1><img src="/icon.svg?${version}" alt="" width="36" height="36">Shopping</h1>
      <p id="presence" role="status"></p>
    </header>
    <main>
      ${
    mayEdit && html`
      <form method="post" action="/add" class="add">
        <input name="name" aria-label="What is missing?" placeholder="What is missing?" maxlength="80"
          required list="known" autocomplete="off" enterkeyhint="done">
        <button>Add</button>
      </form>
    `
  }
      <div id="list">${listPart(list, mayEdit)}</div>
    </main>
  </body>
</html>`;
}

/** The part of the page that changes; the script replaces it as a whole. */
export function listPart(list: List, mayEdit: boolean): Html {
  const things = list.things();
  const left = things.filter(({ ticked }) => !ticked);
  const ticked = things.filter(({ ticked }) => ticked);
  return html`
    <datalist id="known">${list.suggestions().map((it) => html`<option value="${it}">`)}</datalist>
    ${left.length === 0 && html`
      <p class="empty">${ticked.length > 0 ? "All done." : "Nothing is missing."}</p>
    `}
    <ul aria-label="To buy">${left.map((it) => row(it, mayEdit))}</ul>
    ${ticked.length > 0 && html`
      <div class="ticked">
        <h2>In the basket</h2>
        ${mayEdit &&
          html`<form method="post" action="/clear"><button class="quiet">Clear</button></form>`}
      </div>
      <ul aria-label="In the basket">${ticked.map((it) => row(it, mayEdit))}</ul>
    `}
  `;
}

function row({ id, name, ticked, by }: Thing, mayEdit: boolean): Html {
  const text = html`<span class="name">${name}</span> ${by && html`<small>${by}</small>`}`;
  if (!mayEdit) {
    return html`<li class="${ticked && "done"}"><span class="thing">${text}</span></li>`;
  }
  return html`
    <li class="${ticked && "done"}">
      <form method="post" action="/tick" class="thing">
        <input type="hidden" name="id" value="${id}">
        <button id="tick-${id}" name="ticked" value="${ticked ? "no" : "yes"}" class="thing"
          aria-pressed="${ticked}"><span class="box" aria-hidden="true"></span>${text}</button>
      </form>
      <form method="post" action="/remove">
        <input type="hidden" name="id" value="${id}">
        <button class="remove" id="remove-${id}"
          aria-label="Take ${name} off the list">×</button>
      </form>
    </li>
  `;
}
