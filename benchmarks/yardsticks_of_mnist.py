"""MNIST's numbers in chapter 6's calculator: `python benchmarks/yardsticks_of_mnist.py [path of MNIST]` prints them."""

import sys

import torch

from vae_lib.data import mnist

if __name__ == "__main__":
    x_train, _ = mnist(*sys.argv[1:])
    black = (x_train >= 128).float().mean(0).double()
    entropy = (torch.special.entr(black) + torch.special.entr(1 - black)).sum()
    print(f"variance {(x_train / 255).var(0, correction=0).sum():.2f}, entropy {entropy:.2f} nats")
