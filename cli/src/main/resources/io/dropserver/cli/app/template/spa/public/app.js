const form = document.querySelector("#form");

async function load(options) {
  const response = await fetch("/api/notes", options);
  const { name, notes } = await response.json();
  document.querySelector("#hello").textContent = `Hello ${name}`;
  document.querySelector("#notes").replaceChildren(...notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = `${note.text} (${note.author})`;
    return item;
  }));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = new FormData(form).get("text");
  form.reset();
  await load({ method: "POST", body: JSON.stringify({ text }) });
});

await load();
