/** A note and its author's name. */
export interface Note {
  author: string;
  text: string;
}

// The working folder is /data: the only folder that an app can write, and the one that is backed up.
const FILE = "notes.json";
const MAX_NOTES = 1000;

/** Returns all notes, the newest first. */
export function read(): Note[] {
  try {
    return JSON.parse(Deno.readTextFileSync(FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return [];
    }
    throw error;
  }
}

/** Adds a note. Writes another file first, so that a crash leaves the old notes or the new ones. */
export function add(author: string, text: string): void {
  if (text.trim() === "") {
    return;
  }
  const notes = [{ author, text: text.slice(0, 1000) }, ...read()].slice(
    0,
    MAX_NOTES,
  );
  Deno.writeTextFileSync(FILE + ".new", JSON.stringify(notes));
  Deno.renameSync(FILE + ".new", FILE);
}
