"""The packages that a student would pick instead, each through its own API, on the same network and the same images.

Run by `bench.py` as `python peers.py --worker NAME` with the Python of `.venv-peers` (requirements-peers.txt). A peer
is used as its documentation shows it, with its own defaults, but for the sizes, the batch and Adam's learning rate.
"""

import argparse
import json
import logging
import os
import tempfile

import torch
from measuring import BATCH, DATA, HIDDEN, LATENT, add_arguments, images, measure
from torch import Tensor, nn


def pythae(x: Tensor, num_epochs: int) -> list[float]:
    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    logging.disable(logging.CRITICAL)

    class Encoder(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(DATA, HIDDEN)
            self.mu, self.log_var = nn.Linear(HIDDEN, LATENT), nn.Linear(HIDDEN, LATENT)

        def forward(self, x):
            h = torch.relu(self.hidden(x))
            return ModelOutput(embedding=self.mu(h), log_covariance=self.log_var(h))

    class Decoder(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = nn.Linear(LATENT, HIDDEN), nn.Linear(HIDDEN, DATA)

        def forward(self, z):
            return ModelOutput(reconstruction=torch.sigmoid(self.out(torch.relu(self.hidden(z)))))

    class Trainer(BaseTrainer):
        def train_step(self, epoch):
            loss = super().train_step(epoch)
            history.append(-loss)
            return loss

    history = []
    config = VAEConfig(input_dim=(DATA,), latent_dim=LATENT, reconstruction_loss="bce")
    model = VAE(config, encoder=Encoder(), decoder=Decoder())
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=num_epochs,
            learning_rate=1e-3,
            per_device_train_batch_size=BATCH,
            keep_best_on_train=True,
            seed=torch.initial_seed() % 2**31,
        )
        data = BaseDataset(x.float(), torch.zeros(len(x)))
        Trainer(model, train_dataset=data, training_config=settings).train()
    return history


def pyro(x: Tensor, num_epochs: int) -> list[float]:
    import pyro
    import pyro.distributions as dist
    from pyro.infer import SVI, Trace_ELBO
    from pyro.optim import Adam

    class VAE(nn.Module):
        def __init__(self):
            super().__init__()
            self.encode = nn.Sequential(nn.Linear(DATA, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * LATENT))
            self.decode = nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, DATA))

        def model(self, x):
            pyro.module("decoder", self.decode)
            with pyro.plate("data", len(x)):
                z = pyro.sample("z", dist.Normal(torch.zeros(len(x), LATENT), 1.0).to_event(1))
                pyro.sample("x", dist.Bernoulli(logits=self.decode(z)).to_event(1), obs=x)

        def guide(self, x):
            pyro.module("encoder", self.encode)
            with pyro.plate("data", len(x)):
                mu, log_var = self.encode(x).chunk(2, dim=-1)
                pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * log_var)).to_event(1))

    pyro.clear_param_store()
    vae = VAE()
    svi = SVI(vae.model, vae.guide, Adam({"lr": 1e-3}), loss=Trace_ELBO())
    loader = torch.utils.data.DataLoader(x.float(), batch_size=BATCH, shuffle=True)
    return [-sum(svi.step(batch) for batch in loader) / len(x) for _ in range(num_epochs)]


def keras_on_jax(x: Tensor, num_epochs: int) -> list[float]:
    os.environ["KERAS_BACKEND"] = "jax"
    import keras
    from keras import layers, ops

    keras.utils.set_random_seed(torch.initial_seed() % 2**31)

    class Sampling(layers.Layer):
        """Draws z, and adds the KL to the loss."""

        def __init__(self):
            super().__init__()
            self.noise = keras.random.SeedGenerator()

        def call(self, mu, log_var):
            kl = 0.5 * ops.sum(mu**2 + ops.exp(log_var) - 1 - log_var, axis=-1)
            self.add_loss(ops.mean(kl))
            return mu + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mu), seed=self.noise)

    inputs = keras.Input((DATA,))
    h = layers.Dense(HIDDEN, activation="relu")(inputs)
    z = Sampling()(layers.Dense(LATENT)(h), layers.Dense(LATENT)(h))
    logits = layers.Dense(DATA)(layers.Dense(HIDDEN, activation="relu")(z))
    vae = keras.Model(inputs, logits)

    def cross_entropy(x, logits):
        return ops.sum(ops.binary_crossentropy(x, logits, from_logits=True), axis=-1)

    vae.compile(optimizer=keras.optimizers.Adam(1e-3), loss=cross_entropy)
    data = x.numpy().astype("float32")
    history = vae.fit(data, data, batch_size=BATCH, epochs=num_epochs, shuffle=True, verbose=0).history
    return [-loss for loss in history["loss"]]


PEERS = {"pythae": pythae, "Pyro, SVI": pyro, "Keras 3 on jax": keras_on_jax}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    x = images(args.mnist, args.images)
    print(json.dumps(measure(PEERS[args.worker], x, args.epochs, args.seed)))


if __name__ == "__main__":
    main()
