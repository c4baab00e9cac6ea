// The graph: what each tensor is, where it stands, and the arrows between them.

// A tensor stands at (left, row) in one of two panels. Values are the right column, a row each; the inputs the left.
const [LEFT, RIGHT, BOTH, WIDE, MU] = [2, 200, 184, 168, 74]; // where the columns begin; how wide they are, and μ is
export const CELL = 35; // the height of a cell
export const BAND = 20; // of its value
export const CAPTION = 18;
export const PITCH = 59; // of a row with its caption
const LOWER = 130 / PITCH; // the row of the second layer's weights
const GAP = 193; // where lines run down between the columns
export const WIDTH = 384;

export const middle = (row) => PITCH * row + CAPTION + CELL / 2;

/** Each tensor: its symbol and colour; `at`, [panel, left, row, width, columns]; `again`, a second place; its equations
 * forward, with their number, and backward; what it reads, or, of an input, where it is used. */
export const NODES = {
  x: {
    symbol: "x",
    colour: "data",
    at: [0, RIGHT, 0, WIDE],
    again: [1, LEFT, 5, BOTH],
    backward: "∂J/∂x = W₁ᵀ ∂J/∂a₁ + (x − f(z))",
    use: ["a1", "error"],
  },
  W1: { symbol: "W₁", colour: "q", at: [0, LEFT, 0, 145], backward: "∂J/∂W₁ = ∂J/∂a₁ · xᵀ", use: ["a1"] },
  b1: { symbol: "b₁", colour: "q", at: [0, 150, 0, 36, 1], backward: "∂J/∂b₁ = ∂J/∂a₁", use: ["a1"] },
  a1: {
    symbol: "a₁",
    colour: "q",
    at: [0, RIGHT, 1, WIDE],
    forward: "a₁ = W₁x + b₁",
    tag: "2.1",
    backward: "∂J/∂a₁ = ∂J/∂h₁ where a₁ > 0, else 0",
    reads: ["W1", "x", "b1"],
  },
  h1: {
    symbol: "h₁",
    colour: "q",
    at: [0, RIGHT, 2, WIDE],
    forward: "h₁ = ReLU(a₁)",
    tag: "2.1",
    backward: "∂J/∂h₁ = W₂ᵀ ∂J/∂(μ, log σ²)",
    reads: ["a1"],
  },
  W2: { symbol: "W₂", colour: "q", at: [0, LEFT, LOWER, 135], backward: "∂J/∂W₂ = ∂J/∂(μ, log σ²) · h₁ᵀ", use: ["mu"] },
  b2: { symbol: "b₂", colour: "q", at: [0, 141, LOWER, 45, 1], backward: "∂J/∂b₂ = ∂J/∂(μ, log σ²)", use: ["mu"] },
  mu: {
    symbol: "μ",
    colour: "q",
    at: [0, RIGHT, 3, MU],
    forward: "(μ, log σ²) = W₂h₁ + b₂",
    tag: "2.2",
    backward: "∂J/∂μ = ∂J/∂z + μ",
    reads: ["W2", "h1", "b2"],
  },
  log_var: {
    symbol: "log σ²",
    colour: "q",
    at: [0, RIGHT + MU, 3, WIDE - MU],
    forward: "(μ, log σ²) = W₂h₁ + b₂",
    tag: "2.2",
    backward: "∂J/∂log σ² = ½ σ ⊙ ε ⊙ ∂J/∂z + ½ (σ² − 1)",
    reads: ["W2", "h1", "b2"],
  },
  sigma: {
    symbol: "σ",
    colour: "q",
    at: [0, RIGHT + MU, 4, WIDE - MU],
    forward: "σ = exp(½ log σ²)",
    tag: "2.3",
    backward: "∂J/∂σ = ε ⊙ ∂J/∂z, by way of z alone (the KL takes σ² from log σ²)",
    reads: ["log_var"],
  },
  eps: { symbol: "ε", colour: "prior", at: [0, LEFT, 5, BOTH], backward: "∂J/∂ε = σ ⊙ ∂J/∂z", use: ["z"] },
  z: {
    symbol: "z",
    colour: "ink",
    at: [0, RIGHT, 5, WIDE],
    again: [1, RIGHT, 0, WIDE],
    forward: "z = μ + σ ⊙ ε",
    tag: "2.4",
    backward: "∂J/∂z = W₃ᵀ ∂J/∂a₂",
    reads: ["mu", "sigma", "eps"],
  },
  kl_per_dimension: {
    symbol: "KL of each latent",
    each: "KL of latent",
    colour: "kl",
    at: [0, RIGHT, 6, WIDE],
    forward: "½ (μ² + σ² − 1 − log σ²)",
    tag: "2.7",
    backward: "KL and J are plain sums of them: slope 1",
    reads: ["mu", "log_var"],
  },
  kl: {
    symbol: "KL",
    colour: "kl",
    at: [0, LEFT, 6, BOTH],
    again: [1, LEFT, 6, BOTH],
    forward: "KL = its sum over the latents",
    tag: "2.7",
    backward: "J is a plain sum: slope 1",
    reads: ["kl_per_dimension"],
  },
  W3: { symbol: "W₃", colour: "decoder", at: [1, LEFT, 0, 118], backward: "∂J/∂W₃ = ∂J/∂a₂ · zᵀ", use: ["a2"] },
  b3: { symbol: "b₃", colour: "decoder", at: [1, 127, 0, 59, 1], backward: "∂J/∂b₃ = ∂J/∂a₂", use: ["a2"] },
  a2: {
    symbol: "a₂",
    colour: "decoder",
    at: [1, RIGHT, 1, WIDE],
    forward: "a₂ = W₃z + b₃",
    tag: "2.5",
    backward: "∂J/∂a₂ = ∂J/∂h₂ where a₂ > 0, else 0",
    reads: ["W3", "z", "b3"],
  },
  h2: {
    symbol: "h₂",
    colour: "decoder",
    at: [1, RIGHT, 2, WIDE],
    forward: "h₂ = ReLU(a₂)",
    tag: "2.5",
    backward: "∂J/∂h₂ = W₄ᵀ ∂J/∂f",
    reads: ["a2"],
  },
  W4: { symbol: "W₄", colour: "decoder", at: [1, LEFT, LOWER, 135], backward: "∂J/∂W₄ = ∂J/∂f · h₂ᵀ", use: ["f"] },
  b4: { symbol: "b₄", colour: "decoder", at: [1, 141, LOWER, 45, 1], backward: "∂J/∂b₄ = ∂J/∂f", use: ["f"] },
  f: {
    symbol: "f(z)",
    colour: "decoder",
    at: [1, RIGHT, 3, WIDE],
    forward: "f(z) = W₄h₂ + b₄",
    tag: "2.5",
    backward: "∂J/∂f = f(z) − x",
    reads: ["W4", "h2", "b4"],
  },
  error: {
    symbol: "x − f(z)",
    colour: "data",
    at: [1, RIGHT, 4, WIDE],
    forward: "x − f(z)",
    tag: "2.6",
    backward: "∂J/∂(x − f) = x − f(z)",
    reads: ["x", "f"],
  },
  reconstruction_loss: {
    symbol: "½‖x − f(z)‖²",
    colour: "decoder",
    at: [1, RIGHT, 5, WIDE],
    forward: "½‖x − f(z)‖²",
    tag: "2.6",
    backward: "J is a plain sum: slope 1",
    reads: ["error"],
  },
  J: {
    symbol: "J",
    colour: "ink",
    at: [1, RIGHT, 6, WIDE],
    forward: "J = ½‖x − f(z)‖² + KL",
    tag: "2.8",
    backward: "∂J/∂J = 1",
    reads: ["reconstruction_loss", "kl"],
  },
};

/** The tensors that ε moves, and those beside them: rows 3 to 6 of the panels. */
export const FEW = [
  "mu",
  "log_var",
  "sigma",
  "eps",
  "z",
  "kl_per_dimension",
  "kl",
  "f",
  "error",
  "reconstruction_loss",
  "J",
];

const down = (from, to, x) => [
  [x, middle(from) + CELL / 2],
  [x, middle(to) - CELL / 2 - 2],
];
const across = (row) => [
  [LEFT + BOTH, middle(row)],
  [RIGHT - 2, middle(row)],
];
const [END, MU_END] = [RIGHT + WIDE, RIGHT + MU]; // an arrow down leaves a value near its end, beside the next caption

/** The arrows: panel, the points that each passes, its colour; what is drawn at random is dashed. */
export const ARROWS = [
  { panel: 0, points: down(0, 1, END - 14) },
  { panel: 0, points: down(1, 2, END - 14) },
  { panel: 0, points: down(2, 3, MU_END - 14) },
  { panel: 0, points: down(2, 3, END - 14) },
  { panel: 0, points: across(1), colour: "q", ofWeights: true },
  { panel: 0, points: across(3), colour: "q", ofWeights: true },
  { panel: 0, points: down(3, 4, END - 14) },
  { panel: 0, points: down(3, 5, MU_END - 14) },
  { panel: 0, points: down(4, 5, END - 14) },
  { panel: 0, points: across(5), colour: "prior", dashed: true },
  {
    panel: 0,
    points: [
      [END, middle(3)],
      [END + 10, middle(3)],
      [END + 10, middle(6)],
      [END + 2, middle(6)],
    ],
    colour: "q",
  },
  {
    panel: 0,
    points: [
      [RIGHT, middle(6)],
      [LEFT + BOTH + 2, middle(6)],
    ],
    colour: "kl",
  },
  ...[0, 1, 2, 3, 4, 5].map((row) => ({ panel: 1, points: down(row, row + 1, END - 14) })),
  { panel: 1, points: across(1), colour: "decoder", ofWeights: true },
  { panel: 1, points: across(3), colour: "decoder", ofWeights: true },
  { panel: 1, points: across(6), colour: "kl" },
  {
    panel: 1,
    points: [
      [LEFT + BOTH, middle(5)],
      [GAP, middle(5)],
      [GAP, middle(4)],
      [RIGHT - 2, middle(4)],
    ],
    colour: "data",
  },
];

/** How many columns a tensor has. */
export const columns = (values, key) => NODES[key].at[4] ?? values[key][0]?.length ?? [values[key]].flat().length;

/** What stands above a tensor: its equation, where there is room for it. */
export function caption(key, again) {
  const { symbol, forward } = NODES[key];
  const narrow = ["mu", "log_var", "sigma", "z", "kl_per_dimension", "kl", "J"].includes(key);
  return again || narrow ? symbol : (forward ?? symbol);
}
