// Pictures of 8 × 8 pixels, 0 or 1, as 16 hexadecimal digits and back.

export const SIDE = 8;

/** The 64 pixels of 16 hexadecimal digits, row by row. */
export const pixels = (hex) =>
  [...hex].flatMap((digit) => [8, 4, 2, 1].map((bit) => (Number.parseInt(digit, 16) & bit ? 1 : 0)));

/** The 16 hexadecimal digits of 64 pixels. */
export const hexadecimal = (values) =>
  Array.from({ length: values.length / 4 }, (_, i) =>
    Number.parseInt(values.slice(4 * i, 4 * i + 4).join(""), 2).toString(16),
  ).join("");
