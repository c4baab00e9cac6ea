"""How fast is `vae_lib.training.fit`? One run compares it with the usual tutorial and with the machine.

Every measurement is a process of its own; the rounds are interleaved, and the tables show medians and ratios of this
one run. Without MNIST the images are synthetic, of the same shape and density, and the output says so. The exit status
is 1 where the contenders do not end at the same ELBO.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from contenders import CONTENDERS, IN_ONE_TENSOR, PRODUCTS, TUTORIAL, parts
from measuring import BATCH, add_arguments, images, measure, positive

from vae_lib.data import mnist

AGREE = 0.5  # nats
PEERS = ("pythae", "Pyro, SVI", "Keras 3 on jax")  # peers.py, with a Python of their own
HERE = Path(__file__).parent


def main() -> int:
    args = arguments()
    if args.worker:
        torch.set_num_threads(args.threads)
        x = images(args.mnist, args.images)
        parts_only = args.worker == "parts"
        print(
            json.dumps(
                {"parts": parts(x)} if parts_only else measure(CONTENDERS[args.worker], x, args.epochs, args.seed)
            )
        )
        return 0
    result = run(args)
    print(report(result))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if result["elbo_spread"] <= AGREE else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--json", type=Path, help="a file for the result")
    parser.add_argument("--rounds", type=positive, default=5)
    parser.add_argument("--skip-compiled", action="store_true", help="where there is no C++ compiler")
    parser.add_argument("--peers", help="the Python that has the peers' packages; without it they are left out")
    args = parser.parse_args()
    if args.images < BATCH:
        parser.error(f"expected --images of at least a batch, {BATCH}, got {args.images}")
    return args


def run(args: argparse.Namespace) -> dict:
    """All rounds, interleaved, and their summary."""
    names = [name for name in CONTENDERS if not (args.skip_compiled and "compiled" in name)]
    names += PEERS if args.peers else []
    if args.mnist:
        mnist(args.mnist)  # the original, or an error: the workers, some without vae_lib, read it and do not ask
    setting, samples = describe(args), {name: [] for name in names}
    for seed in range(args.rounds):
        for name in names:
            samples[name].append(in_a_process_of_its_own(args, name, seed))
            print(f"round {seed + 1}: {samples[name][-1]['seconds']:6.2f} s  {name}", file=sys.stderr)
    contenders = summarise(samples, setting["images"])
    elbos = [contenders[name]["elbo"] for name in CONTENDERS if name in names and contenders[name]["elbo"] is not None]
    others = max(sample["cores_used_by_others"] for of_name in samples.values() for sample in of_name)
    return {
        "setting": setting | {"cores used by others, at most": others},
        "contenders": contenders,
        "elbo_spread": max(elbos) - min(elbos),
        "parts": in_a_process_of_its_own(args, "parts", 0)["parts"],
    }


def in_a_process_of_its_own(args: argparse.Namespace, name: str, seed: int) -> dict:
    """One measurement: this script again, or the peers' with their Python, as a worker that prints a line of JSON."""
    options = {"worker": name, "seed": seed, "threads": args.threads, "epochs": args.epochs, "images": args.images}
    options |= {"mnist": args.mnist} if args.mnist else {}
    script = [args.peers, HERE / "peers.py"] if name in PEERS else [sys.executable, __file__]
    command = [*script, *(f"--{key}={value}" for key, value in options.items())]
    settings = {"OMP_NUM_THREADS": str(args.threads), "MKL_NUM_THREADS": str(args.threads), "TQDM_DISABLE": "1"}
    start, before = time.perf_counter(), cpu_seconds_of_others()
    output = subprocess.run(command, env=os.environ | settings, check=True, stdout=subprocess.PIPE, text=True).stdout
    others = (cpu_seconds_of_others() - before) / (time.perf_counter() - start)
    return json.loads(output.splitlines()[-1]) | {"cores_used_by_others": round(others, 2)}


def cpu_seconds_of_others() -> float:
    """CPU time that the machine has spent on anything but this run (Linux; elsewhere not a number)."""
    try:
        user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    except OSError:
        return math.nan
    return (user + nice + system) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


def describe(args: argparse.Namespace) -> dict:
    """What the numbers depend on."""
    return {
        "data": "MNIST above mid-grey" if args.mnist else "SYNTHETIC images, as no MNIST was given",
        "images": len(images(args.mnist, args.images)),
        "batch": BATCH,
        "epochs": args.epochs,
        "rounds": args.rounds,
        "CPU": cpu(),
        "cores": os.cpu_count(),
        "threads": args.threads,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def summarise(samples: dict[str, list[dict]], num_images: int) -> dict[str, dict]:
    """Medians over the rounds, and ratios of these medians."""
    seconds = {name: [sample["seconds"] for sample in samples[name]] for name in samples}
    median = {name: statistics.median(values) for name, values in seconds.items()}
    elbos = {name: [sample["elbo"] for sample in samples[name] if sample["elbo"] is not None] for name in samples}
    return {
        name: {
            "seconds": median[name],
            "min": min(seconds[name]),
            "max": max(seconds[name]),
            "images_per_second": num_images / median[name],
            "times_tutorial": median[TUTORIAL] / median[name],
            "times_in_one_tensor": median[IN_ONE_TENSOR] / median[name],
            "times_products": median[name] / median[PRODUCTS],
            "elbo": statistics.median(elbos[name]) if elbos[name] else None,
            "warm_up": statistics.median(sample["warm_up"] for sample in samples[name]),
        }
        for name in samples
    }


def report(result: dict) -> str:
    """The result in Markdown."""
    lines = [f"{name} {value}" for name, value in result["setting"].items()]
    lines = [", ".join(lines), ""]
    lines += [
        "| | s an epoch, median [min–max] | images/s | × pytorch/examples' speed | × the same, images in one tensor "
        "| × products' time | ELBO, last epoch |"
    ]
    lines += ["|---|---|---|---|---|---|---|"]
    for name, row in result["contenders"].items():
        elbo = "" if row["elbo"] is None else f"{row['elbo']:.1f}"
        lines += [
            f"| {name} | {row['seconds']:.2f} [{row['min']:.2f}–{row['max']:.2f}] | {row['images_per_second']:,.0f} "
            f"| {row['times_tutorial']:.2f} | {row['times_in_one_tensor']:.2f} | {row['times_products']:.2f} | {elbo} |"
        ]
    spread, verdict = result["elbo_spread"], "agree" if result["elbo_spread"] <= AGREE else "DO NOT AGREE"
    lines += ["", f"The ELBOs {verdict}: they differ by {spread:.2f} nats (at most {AGREE}).", ""]
    lines += ["| part of a step, eager | µs, median |", "|---|---|"]
    lines += [f"| {name} | {value:.0f} |" for name, value in result["parts"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
