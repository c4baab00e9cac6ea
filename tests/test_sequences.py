"""Chapter 10: strings as one event, decoders that score and draw them, readers for encoders: all by brute force."""

from functools import partial
from itertools import product

import pytest
import torch
from torch.nn.functional import one_hot

from vae_lib.diagnose.checkup import checkup
from vae_lib.discrete import BernoulliEncoder, CategoricalEncoder, DiscreteVAE
from vae_lib.exact.enumeration import enumerate_states, exact_elbo, exact_log_p
from vae_lib.exact.likelihood import log_likelihood
from vae_lib.model import VAE
from vae_lib.networks import GaussianEncoder
from vae_lib.objectives import elbo, importance_weighted_bound, log_weights
from vae_lib.saving import load_weights, save_weights
from vae_lib.sequences import (
    END,
    MarkovDecoder,
    OneHot,
    PairCounts,
    PositionDecoder,
    RecurrentDecoder,
    RecurrentReader,
    StringEncoder,
    Strings,
    before,
    scored,
    to_strings,
    to_symbols,
)
from vae_lib.training import fit, in_mode

S, T, K = 3, 5, 2  # the end and two letters; at most four letters; faces of the die
DECODERS = {"Markov": MarkovDecoder, "position": PositionDecoder, "recurrent": RecurrentDecoder}
READERS = {"one-hot": OneHot(S, T), "pairs": PairCounts(S), "recurrent": RecurrentReader(S, 4)}
each_decoder = pytest.mark.parametrize("kind", DECODERS)
each_reader = pytest.mark.parametrize("reader", READERS)
close = partial(torch.testing.assert_close, atol=1e-10, rtol=1e-10)


def a_decoder(kind="Markov", dtype=torch.float64):
    torch.manual_seed(1)
    decoder = DECODERS[kind](K, S, T, 6).to(dtype)
    for weight in decoder.parameters():
        weight.data.mul_(3)  # so that letters differ, and z tells
    return decoder


def a_vae(kind="Markov", reader="pairs", dtype=torch.float64):
    torch.manual_seed(0)
    encoder = StringEncoder(READERS[reader], CategoricalEncoder(READERS[reader].num_features, K, 4))
    return DiscreteVAE(encoder, a_decoder(kind)).to(dtype)


def all_strings(most=T - 1):
    return ["".join(letters) for length in range(most + 1) for letters in product("ab", repeat=length)]


def by_hand(decoder, z, string):
    """log p(string|z), a letter at a time from tables that are asked with the letters so far and nothing after them."""
    total, x = 0.0, to_symbols([string], "ab", num_steps=len(string) + 1)[0]
    for t in range(len(x)):
        so_far = torch.cat([x[:t], torch.tensor([1])])  # whatever stands at t, it is not seen
        total += decoder.log_probs(z, so_far)[t, x[t]].item()
    return total


X, Z = to_symbols(all_strings(), "ab"), torch.eye(K, dtype=torch.float64)


# ----- rows of symbols


def test_symbols_are_letters_from_1_and_the_end_fills_the_row_up():
    assert to_symbols(["ca", ""], "abc").tolist() == [[3, 1, 0], [0, 0, 0]]
    assert to_symbols(["ca"], "abc", num_steps=5).tolist() == [[3, 1, 0, 0, 0]]
    assert to_symbols(["az"]).tolist() == [[1, 26, 0]]
    assert to_symbols(letter for letter in "ab").tolist() == [[1, 0], [2, 0]]


def test_strings_come_back_as_they_were():
    assert to_strings(X, "ab") == all_strings()
    assert to_strings(torch.tensor([[2, 1]]), "ab") == ["ba"]


def test_what_stands_after_a_rows_first_end_is_no_letter_of_its_string():
    assert to_strings(torch.tensor([[1, 0, 2, 0], [0, 1, 1, 2]]), "ab") == ["a", ""]


def test_what_counts_are_the_symbols_up_to_the_first_end_and_that():
    x = torch.tensor([[2, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
    assert scored(x).tolist() == [[True, True, True, False], [True, False, False, False], [True] * 4]


def test_before_a_symbol_stands_the_one_before_and_before_the_first_the_end():
    x = torch.tensor([[2, 1, 0], [1, 0, 0]])
    assert before(x).tolist() == [[END, 2, 1], [END, 1, 0]]
    assert before(x[:, :0]).shape == (2, 0)


@pytest.mark.parametrize(
    ("strings", "alphabet", "num_steps", "said"),
    [
        ([], "ab", None, "a list of strings"),
        ("ab", "ab", None, "a list of strings, got 'ab'"),
        (None, "ab", None, "a list of strings, got None"),
        (["a", 1], "ab", None, "a list of strings, got one that holds 1"),
        (["ab", "ac"], "ab", None, "got 'c' in 'ac'"),
        (["ab"], "aba", None, "different letters"),
        (["a"], "", None, "different letters"),
        (["ab"], "ab", 2, "at most 1 letters, and their end, got 'ab'"),
        (["ab"], "ab", 0, "num_steps to be a whole number"),
    ],
)
def test_what_is_no_list_of_strings_in_the_alphabet_is_refused(strings, alphabet, num_steps, said):
    with pytest.raises(ValueError, match=said):
        to_symbols(strings, alphabet, num_steps=num_steps)


def test_a_symbol_that_the_alphabet_has_not_is_refused():
    with pytest.raises(ValueError, match=r"whole numbers from 0 to 2, got .* from 0 to 3"):
        to_strings(torch.tensor([[3, 0]]), "ab")
    with pytest.raises(ValueError, match=r"expected x \[strings, T\]"):
        to_strings(torch.tensor([1, 0]), "ab")


# ----- p(x|z)


@each_decoder
def test_a_string_is_scored_letter_by_letter_each_from_the_ones_before_alone(kind):
    decoder = a_decoder(kind)
    wanted = [[by_hand(decoder, z, string) for string in all_strings()] for z in Z]
    close(decoder(Z[:, None]).log_prob(X), torch.tensor(wanted, dtype=torch.float64))


@each_decoder
def test_all_strings_and_what_is_longer_have_probability_1(kind):
    """What is longer: the sum over the letters without an end, which `log_terms` gives."""
    decoder = a_decoder(kind)
    ended = decoder(Z[:, None]).log_prob(X).exp().sum(1)
    endless = torch.cartesian_prod(*[torch.arange(1, S)] * T)
    longer = decoder.log_terms(Z[:, None], endless).sum(-1).exp().sum(1)
    close(ended + longer, torch.ones(K, dtype=torch.float64))


@pytest.mark.parametrize("kind", ["Markov", "recurrent"])
def test_how_far_a_row_is_filled_up_changes_nothing(kind):
    longer = to_symbols(all_strings(), "ab", num_steps=T + 4)
    px_z = a_decoder(kind)(Z[:, None])
    close(px_z.log_prob(longer), px_z.log_prob(X))


class NeverEmpty(MarkovDecoder):
    """An end after an end, which is the empty string, has probability 0."""

    def table(self, z):
        table = super().table(z).clone()
        table[..., END, END] = -torch.inf
        return table


def test_padding_that_is_impossible_changes_no_score():
    torch.manual_seed(1)
    px_z = NeverEmpty(K, S, T, 6).double()(Z[0])
    x = to_symbols(["a", "ab", ""], "ab")
    assert px_z.log_prob(x).isfinite().tolist() == [True, True, False]
    close(px_z.log_prob(x)[0], px_z.log_prob(x[0, :2]))


@each_decoder
def test_one_z_a_string_gives_what_all_pairs_give(kind):
    decoder, z = a_decoder(kind), torch.rand(len(X), K, dtype=torch.float64)
    close(decoder(z).log_prob(X), decoder(z[:, None]).log_prob(X).diagonal())
    close(decoder(z[0]).log_prob(X[3]), decoder(z).log_prob(X[3])[0])
    close(decoder(z.expand(4, -1, -1)).log_prob(X)[2], decoder(z).log_prob(X))


@each_decoder
def test_draws_have_the_probabilities_that_are_scored(kind):
    decoder = a_decoder(kind)
    torch.manual_seed(0)
    drawn = to_strings(decoder(Z[0]).sample((10_000,)), "ab")
    p = decoder(Z[0]).log_prob(X).exp()
    share = torch.tensor([drawn.count(string) / len(drawn) for string in all_strings()])
    assert ((share - p).abs() < 5 * (p * (1 - p) / len(drawn)).sqrt() + 1e-4).all()


@each_decoder
def test_draws_have_the_batch_first_and_end_once_and_for_all(kind):
    px_z = a_decoder(kind)(Z[:, None].expand(K, 7, K))
    x = px_z.sample((3,))
    assert x.shape == (3, K, 7, T)
    assert (x[~scored(x)] == END).all()
    assert px_z.batch_shape + px_z.event_shape == (K, 7, T)
    assert px_z.sample((2, 0)).shape == (2, 0, K, 7, T)


def test_expanded_it_is_the_same_law_for_more():
    px_z = a_decoder()(Z)
    more = px_z.expand((4, K))
    assert more.batch_shape == more.sample().shape[:-1] == (4, K)
    close(more.log_prob(X[3]), px_z.log_prob(X[3]).expand(4, -1))


def test_an_x_whose_batch_does_not_fit_zs_is_refused():
    with pytest.raises(ValueError, match=r"whose batches fit, got torch.int64 of shape \(3, 5\) and .* \(2, 2\)"):
        a_decoder()(Z).log_prob(X[:3])


def test_a_decoder_that_sees_the_first_symbol_alone_knows_its_table():
    """The table's row of END is the law of the first letter."""
    decoder = a_decoder()
    table = decoder.table(Z)
    close(table.exp().sum(-1), torch.ones(K, S, dtype=torch.float64))
    x = to_symbols(["ba"], "ab")
    close(decoder(Z).log_prob(x), table[:, 0, 2] + table[:, 2, 1] + table[:, 1, 0])


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ([[0.5, 0.0]], "symbols, whole numbers from 0 to 2, got torch.float32"),
        ([[float("nan"), 0.0]], "symbols"),
        ([[True, False]], "symbols"),
        ([[3, 0]], "from 0 to 3"),
        ([[-1, 0]], "from -1 to 0"),
        ([[1, 2]], "without an end"),
        ([[1, 0, 1]], "rows that end"),
        ([[1, 0, 1, 0]], "after a row's first end"),
        ([[]], "symbols"),
    ],
)
@pytest.mark.parametrize("who", ["decoder", "encoder"])
def test_what_is_no_string_is_refused_by_either_side(x, said, who):
    with pytest.raises(ValueError, match=said):
        (a_decoder()(Z[0]).log_prob if who == "decoder" else a_vae().encoder)(torch.tensor(x))


def test_whole_numbers_as_floats_are_symbols_too():
    model = a_vae("recurrent", "recurrent")
    close(exact_log_p(model, X.double()), exact_log_p(model, X))
    close(exact_elbo(model, X.double()), exact_elbo(model, X))


def test_a_z_of_another_width_nan_and_broken_weights_are_refused():
    with pytest.raises(ValueError, match="z with 2 features"):
        a_decoder()(torch.zeros(4, 3))
    with pytest.raises(ValueError, match="numbers in z, got NaN"):
        a_decoder()(Z * torch.nan)
    decoder = a_decoder()
    decoder.net[0].weight.data.fill_(torch.nan)
    with pytest.raises(ValueError, match="a decoder that gives numbers, got NaN"):
        decoder(Z[0]).log_prob(X)


def test_positions_and_pixels_have_a_longest_row():
    x = to_symbols(["ab"], "ab", num_steps=T + 1)
    assert a_decoder("position")(Z[0]).log_prob(x).shape == (1,)  # filled up, but no string reaches that far
    with pytest.raises(ValueError, match="at most 5 symbols, got 6"):
        a_decoder("position")(Z[0]).log_prob(to_symbols(["ababa"], "ab"))
    with pytest.raises(ValueError, match="at most 5 symbols, got 6"):
        OneHot(S, T)(x)


@pytest.mark.parametrize("make", [*DECODERS.values()])
@pytest.mark.parametrize("sizes", [(0, 3, 5, 4), (2, 0, 5, 4), (2, 3, 0, 4), (2, 3, 5, 0)])
def test_sizes_below_1_are_refused(make, sizes):
    with pytest.raises(ValueError, match="to be a whole number of at least 1, got 0"):
        make(*sizes)


# ----- readers


def test_one_hot_reads_a_string_as_pixels_are_read():
    x = X[5:9]
    assert torch.equal(OneHot(S, T)(x), one_hot(x, S).flatten(1))
    assert torch.equal(
        OneHot(S, T + 2)(x), one_hot(to_symbols(all_strings(), "ab", num_steps=T + 2)[5:9], S).flatten(1)
    )


def test_pairs_are_counted_from_the_start_to_the_end_and_padding_is_not():
    (counts,) = PairCounts(S)(to_symbols(["aab"], "ab", num_steps=9))
    assert counts.reshape(S, S).tolist() == [[0, 1, 0], [0, 1, 1], [1, 0, 0]]


def test_the_recurrent_reader_stops_at_the_end():
    torch.manual_seed(0)
    reader = RecurrentReader(S, 4)
    alone, filled_up = (reader(to_symbols(["ab"], "ab", num_steps=n)) for n in (3, 9))
    close(alone, filled_up)
    assert (alone - reader(to_symbols(["aa"], "ab"))).abs().max() > 1e-3


def test_the_recurrent_reader_has_read_the_end():
    torch.manual_seed(0)
    reader = RecurrentReader(S, 4)
    x = to_symbols(["ab"], "ab", num_steps=3)
    close(reader(x), reader.rnn(one_hot(x, S).float())[1][-1])


@each_reader
def test_a_reader_takes_one_string_and_any_batch(reader):
    read, x = READERS[reader], X[:6]
    close(read(x[4]), read(x)[4])
    close(read(x.reshape(2, 3, T)), read(x).reshape(2, 3, -1))


@each_reader
def test_an_encoder_gives_one_q_a_string(reader):
    qz_x = a_vae(reader=reader).encoder(X)
    assert qz_x.batch_shape == (len(X),)
    assert qz_x.mean.dtype == torch.float64


def test_an_encoder_of_another_width_and_one_string_alone_are_refused():
    with pytest.raises(ValueError, match="got 9 features and data_dim 8"):
        StringEncoder(PairCounts(S), GaussianEncoder(8, 2, 4))
    with pytest.raises(ValueError, match=r"strings \[batch, T\]"):
        a_vae().encoder(X[0])


def test_an_encoder_is_of_chapter_8_where_its_inner_one_is():
    assert not hasattr(StringEncoder(PairCounts(S), GaussianEncoder(9, 2, 4)), "latents")
    assert StringEncoder(PairCounts(S), BernoulliEncoder(9, 2, 4)).head == (2,)


# ----- a VAE of strings, with nothing special-cased


@each_decoder
@each_reader
def test_log_p_is_the_sum_over_z_and_all_strings_sum_to_what_is_not_longer(kind, reader):
    model = a_vae(kind, reader)
    each = torch.stack([model.decoder(z).log_prob(X) for z in Z])
    close(exact_log_p(model, X), (each.exp().mean(0)).log())
    total = exact_log_p(model, X).exp().sum()
    endless = torch.cartesian_prod(*[torch.arange(1, S)] * T)
    longer = model.decoder.log_terms(Z[:, None], endless).sum(-1).exp().mean(0).sum()
    close(total + longer, torch.ones((), dtype=torch.float64))


@each_decoder
def test_with_the_posterior_as_q_the_decoders_gradient_is_that_of_log_p(kind):
    """Fisher's identity."""
    model = a_vae(kind)
    states = enumerate_states(model, X)
    q = states.posterior.detach()
    bound = (q * (states.log_joint - q.log())).sum(0)
    weights = tuple(model.decoder.parameters())
    ours = torch.autograd.grad(bound.mean(), weights, retain_graph=True)
    theirs = torch.autograd.grad(states.log_p.mean(), weights)
    for own, other in zip(ours, theirs, strict=True):
        close(own, other)
    assert max(slope.abs().max() for slope in theirs) > 1e-3


@each_decoder
def test_the_estimates_of_the_bound_agree_with_the_sum(kind):
    model = a_vae(kind)
    torch.manual_seed(0)
    with torch.no_grad():
        log_w = log_weights(model, X[:4], 20_000)
        error = log_w.std(0) / 20_000**0.5
        assert ((log_w.mean(0) - exact_elbo(model, X[:4])).abs() < 5 * error + 1e-9).all()
        assert (importance_weighted_bound(model, X[:4], num_samples=2000) > exact_elbo(model, X[:4]) - 0.2).all()
        assert elbo(model, X).shape == (len(X),)


def test_fit_raises_log_p_by_the_sum_over_codes():
    model, x = a_vae(dtype=torch.float32), to_symbols(["ab", "abab", "b"] * 20, "ab")
    history = fit(model, x, objective=exact_elbo, num_epochs=30, batch_size=20, lr=0.03, x_test=x)
    assert history["test"][-1] > history["test"][0] + 1
    assert history.keys() == {"train", "test", "reconstruction", "kl"}


def test_with_two_gaussian_latents_quadrature_scores_strings_and_fit_trains_them():
    torch.manual_seed(0)
    model = VAE(StringEncoder(RecurrentReader(S, 4), GaussianEncoder(4, 2, 4)), a_decoder().float(), 2)
    fit(model, X, num_epochs=1, batch_size=8)
    log_p = log_likelihood(model, X[4:6])
    bound = importance_weighted_bound(model, X[4:6], num_samples=20_000)
    assert (log_p - bound).abs().max() < 0.05


def test_weights_are_kept_in_a_file(tmp_path):
    model, other = a_vae("recurrent", "recurrent"), a_vae("recurrent", "recurrent")
    other.decoder.head.weight.data.zero_()
    save_weights(model, tmp_path / "strings.pt")
    close(exact_elbo(load_weights(other, tmp_path / "strings.pt"), X), exact_elbo(model, X))


def test_without_validation_the_numbers_are_the_same():
    model = a_vae()
    wanted = exact_elbo(model, X)
    with in_mode(model, train=False, validate=False):
        close(exact_elbo(model, X), wanted)


def test_draws_of_a_model_are_strings():
    torch.manual_seed(0)
    px_z = a_vae().sample(4)
    assert isinstance(px_z, Strings)
    assert px_z.sample().shape == (4, T)


def test_a_checkup_of_a_model_that_ignores_z_finds_nothing_impossible_and_no_gap():
    model = a_vae(dtype=torch.float32)
    for part in (model.encoder.encoder.net[-1], model.decoder.net[0]):
        part.weight.data[:, :K].zero_()
    model.encoder.encoder.net[-1].weight.data.zero_()
    found = checkup(model, X, X)
    assert found.of_rank("impossible") == []
    assert "far_from_posterior" not in {finding.key for finding in found.findings}
    assert "Strings" in repr(found)
