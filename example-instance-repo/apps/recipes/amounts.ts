const fractions: Record<string, number> = {
  "½": 1 / 2,
  "¼": 1 / 4,
  "¾": 3 / 4,
  "⅓": 1 / 3,
  "⅔": 2 / 3,
};

/** Amounts at the beginning of an ingredient: 200, 1.5, 1,5, 1/2, 1 1/2, ½, 1½, and ranges as 2-3. */
const number = String.raw`\d+\s+\d+\/[1-9]\d*|\d+\/[1-9]\d*|\d+(?:[.,]\d+)?(?:\s?[½¼¾⅓⅔])?|[½¼¾⅓⅔]`;
const amount = new RegExp(String.raw`^(${number})(?:\s?[-–]\s?(${number}))?(?=\D|$)`);

/** The ingredient for more or fewer people; one that begins with no amount stays as it is. */
export function scale(ingredient: string, factor: number): string {
  if (factor === 1) return ingredient;
  return ingredient.replace(amount, (_, from: string, to?: string) => {
    const ends = to === undefined ? [from] : [from, to];
    return ends.map((it) => write(read(it) * factor)).join("–");
  });
}

function read(text: string): number {
  const spaced = text.replace(/[½¼¾⅓⅔]/, " $&").trim().replace(",", ".");
  return spaced.split(/\s+/).map((part) => {
    const [above, below] = part.split("/");
    return fractions[part] ?? Number(above) / Number(below ?? 1);
  }).reduce((sum, part) => sum + part, 0);
}

function write(value: number): string {
  if (value >= 20) return String(Math.round(value));
  const whole = Math.floor(value);
  const sign = Object.keys(fractions).find((it) =>
    Math.abs(fractions[it]! - (value - whole)) < 0.02
  );
  if (sign) return `${whole || ""}${sign}`;
  return String(Number(value.toFixed(value < 1 ? 2 : 1)));
}
