// Numbers: written for reading, kept within bounds, added up.

/** A number for reading: a fixed number of digits, a real minus, no minus before a zero. */
export function format(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** The number that was typed, with a point or a comma and any minus; null if it is none. */
export function typed(text) {
  const plain = text.trim().replace("−", "-");
  const value = Number(plain.includes(".") ? plain.replaceAll(",", "") : plain.replace(",", "."));
  return plain !== "" && Number.isFinite(value) ? value : null;
}

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Whether it is a number between two others. */
export const isIn = (value, { min, max }) => typeof value === "number" && value >= min && value <= max;

export const sum = (values) => values.reduce((a, b) => a + b, 0);
