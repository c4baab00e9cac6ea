"""Blind answers to exercise 5.5, my_pictures(model, x, num_samples) -> (reconstructions, generated)."""
import torch

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def rec(model, x):
    return model.decoder(model.encoder(x).mean).mean


def gen(model, n):
    return model.decoder(model.prior.sample((n,))).sample()


@a("the reconstructions are the decoder's mean at a draw z from the encoder instead of at mu(x)", False)
def w01(model, x, num_samples):
    return model.decoder(model.encoder(x).sample()).mean, gen(model, num_samples)


@a("the reconstructions are draws from p(x|z), pixels 0 or 1, instead of its mean", False)
def w02(model, x, num_samples):
    return model.decoder(model.encoder(x).mean).sample(), gen(model, num_samples)


@a("the generated images are the decoder's mean, grey, instead of a draw", False)
def w03(model, x, num_samples):
    return rec(model, x), model.decoder(model.prior.sample((num_samples,))).mean


@a("the generated images come from encodings of x (z drawn from q of random images of x), not from the prior", False)
def w04(model, x, num_samples):
    pick = x[torch.randint(len(x), (num_samples,))]
    return rec(model, x), model.decoder(model.encoder(pick).sample()).sample()


@a("a single z from the prior shared by all generated images; only the pixels are drawn anew", False)
def w05(model, x, num_samples):
    z = model.prior.sample((1,)).expand(num_samples, -1)
    return rec(model, x), model.decoder(z).sample()


@a("the generated images are all drawn at z = 0, the prior's mean, instead of at a draw from the prior", False)
def w06(model, x, num_samples):
    z = torch.zeros_like(model.prior.sample((num_samples,)))
    return rec(model, x), model.decoder(z).sample()


@a("the two results in the wrong order: (generated, reconstructions)", False)
def w07(model, x, num_samples):
    return gen(model, num_samples), rec(model, x)


@a("the generated pixels are the mean thresholded at 0.5: 0 or 1, but no draw", False)
def w08(model, x, num_samples):
    return rec(model, x), (model.decoder(model.prior.sample((num_samples,))).mean > 0.5).float()


@a("the reconstructions are thresholded at 0.5 instead of being the mean itself", False)
def w09(model, x, num_samples):
    return (rec(model, x) > 0.5).float(), gen(model, num_samples)


@a("temperature: the prior's draws are multiplied by 0.5 before decoding", False)
def w10(model, x, num_samples):
    return rec(model, x), model.decoder(0.5 * model.prior.sample((num_samples,))).sample()


@a("ignores num_samples: as many new images as x has rows", False)
def w11(model, x, num_samples):
    return rec(model, x), gen(model, len(x))


@a("z of the generated images is uniform between 0 and 1 (rand) instead of normal (randn)", False)
def w12(model, x, num_samples):
    z = torch.rand_like(model.prior.sample((num_samples,)))
    return rec(model, x), model.decoder(z).sample()


@a("all pixels of a generated image use one and the same uniform number: each alone is right, together they are tied", False)
def w13(model, x, num_samples):
    p = model.decoder(model.prior.sample((num_samples,))).mean
    return rec(model, x), (torch.rand(num_samples, 1) < p).float()


@a("seeded: a manual_seed(0) before the prior's draw, so that every call generates the same images", False)
def w14(model, x, num_samples):
    torch.manual_seed(0)
    return rec(model, x), gen(model, num_samples)


@a("the generated pixels are independent coins at the average black share over all draws of z: each pixel alone is right, those of an image together are not tied by z", False)
def w15(model, x, num_samples):
    p = model.decoder(model.prior.sample((1000,))).mean.mean(0)
    return rec(model, x), torch.bernoulli(p.expand(num_samples, -1))


@a("the generated images are drawn with black and white exchanged: 1 - draw", False)
def w16(model, x, num_samples):
    return rec(model, x), 1 - gen(model, num_samples)


@a("the reconstructions are an average of decoder means over 50 draws of q instead of the mean at mu(x)", False)
def w17(model, x, num_samples):
    return model.decoder(model.encoder(x).sample((50,))).mean.mean(0), gen(model, num_samples)


@a("drawn twice: the generated images are first drawn, and then encoded and decoded once more", False)
def w18(model, x, num_samples):
    g = gen(model, num_samples)
    return rec(model, x), model.decoder(model.encoder(g).sample()).sample()


@a("z from the prior is clamped to -1 ... 1 before decoding (truncation)", False)
def w19(model, x, num_samples):
    return rec(model, x), model.decoder(model.prior.sample((num_samples,)).clamp(-1, 1)).sample()


@a("TWO: mean and draw confused in both places: reconstructions are pixel draws, and the generated images are means", False)
def w20(model, x, num_samples):
    return model.decoder(model.encoder(x).mean).sample(), model.decoder(model.prior.sample((num_samples,))).mean


@a("TWO: reconstructions at a draw z ~ q instead of mu(x), and one z for all generated images", False)
def w21(model, x, num_samples):
    z = model.prior.sample().expand(num_samples, -1)
    return model.decoder(model.encoder(x).sample()).mean, model.decoder(z).sample()


@a("TWO: the order of the results is exchanged, and the generated images are grey means", False)
def w22(model, x, num_samples):
    return model.decoder(model.prior.sample((num_samples,))).mean, rec(model, x)


@a("TWO: the generated pixels are thresholded instead of drawn, and their z is encoded from x instead of drawn from the prior", False)
def w23(model, x, num_samples):
    pick = x[torch.arange(num_samples) % len(x)]
    return rec(model, x), (rec(model, pick) > 0.5).float()


@a("TWO: the reconstructions are rounded to 0 or 1, and the prior's draws are doubled (standard deviation 2)", False)
def w24(model, x, num_samples):
    return rec(model, x).round(), model.decoder(2 * model.prior.sample((num_samples,))).sample()


@a("TWO: z of the new images is uniform between 0 and 1, and their pixels are grey means", False)
def w25(model, x, num_samples):
    z = torch.rand_like(model.prior.sample((num_samples,)))
    return rec(model, x), model.decoder(z).mean


@a("right: pixels by comparing uniform numbers of their own with the decoder's mean", True)
def r1(model, x, num_samples):
    p = model.decoder(model.prior.sample((num_samples,))).mean
    return model.decoder(model.encoder(x).mean).mean, torch.rand_like(p).lt(p).to(p.dtype)


@a("right: new images one at a time, stacked; reconstructions row by row", True)
def r2(model, x, num_samples):
    new = [model.decoder(model.prior.sample((1,))).sample() for _ in range(num_samples)]
    return torch.cat([rec(model, row[None]) for row in x]), torch.cat(new)


@a("right: more than needed are generated, and a random choice of num_samples of them is returned, without repetition", True)
def r3(model, x, num_samples):
    p = model.decoder(model.prior.sample((num_samples + 7,))).mean
    keep = torch.randperm(num_samples + 7)[:num_samples]
    return rec(model, x), torch.bernoulli(p)[keep]


@a("right pictures, but the generated pixels are True and False, a tensor of bool", None)
def b1(model, x, num_samples):
    return rec(model, x), gen(model, num_samples).bool()


@a("right pictures, but the reconstructions are detached under no_grad (the task does not ask for a gradient)", None)
@torch.no_grad()
def b2(model, x, num_samples):
    return rec(model, x), gen(model, num_samples)
