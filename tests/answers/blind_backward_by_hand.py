"""Exercise 2.5, backward_by_hand. Numbers by a script of mine from network.md."""
import numpy as np
import torch


def _autograd():
    f = torch.tensor([1.75, -0.5, 5.0], dtype=torch.float64) - torch.tensor([1, -2, 3])
    W4, W3 = torch.tensor([[-2, 1, 0.5], [0, 1, -1], [0, 0, 2]]).double(), torch.tensor([[0.5, -1, 1], [1, -1, 2], [-1, 0, 2]]).double()
    z = (f @ W4 * torch.tensor([1, 0, 1])) @ W3
    s, e, m = torch.tensor([0.5, 2, 0.25]), torch.tensor([-1.5, -2, 0.5]), torch.tensor([-1.5, 0.5, -1])
    return {"f": f, "z": z, "mu": z + m, "log_var": (z * s * e + s.square() - 1) / 2}


ANSWERS = [
    (_autograd, "a function by torch, gradients as rows that multiply matrices from the left", True),
    ({"f": ["3/4", "3/2", "2"], "z": ["-29/8", "3/2", "17/4"], "mu": ["-41/8", 2, "13/4"], "log_var": ["63/64", "-3/2", "-13/64"]}, "fractions as strings", True),
    ({"log_var": (0.9844, -1.5, -0.2031), "mu": np.array([-5.125, 2, 3.25]), "z": np.float32([-3.625, 1.5, 4.25]), "f": (0.75, 1.5, 2)}, "four digits, tuples and numpy arrays, in reverse order", True),
    ({"f": [-0.75, -1.5, -2.0], "z": [3.625, -1.5, -4.25], "mu": [2.125, -1.0, -5.25], "log_var": [-1.734375, 4.5, -0.734375]}, "residual with the wrong sign, x - f, followed through; the KL's parts right", False),
    ({"f": [1.5, 3.0, 4.0], "z": [-7.25, 3.0, 8.5], "mu": [-8.75, 3.5, 7.5], "log_var": [2.34375, -4.5, 0.0625]}, "residual doubled: the half in the squared error overlooked, followed through", False),
    ({"f": [0.25, 0.5, 0.666667], "z": [-1.208333, 0.5, 1.416667], "mu": [-2.708333, 1.0, 0.416667], "log_var": [0.078125, 0.5, -0.380208]}, "residual divided by 3 (a mean over the pixels), followed through", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-1.375, -0.75, 8.75], "mu": [-2.875, -0.25, 7.75], "log_var": [0.140625, 3.0, 0.078125]}, "the decoder's ReLU does not stop the gradient: W3^T takes all of it", False),
    ({"f": [0.75, 1.5, 2.0], "z": [2.25, -2.25, 4.5], "mu": [0.75, -1.75, 3.5], "log_var": [-1.21875, 6.0, -0.1875]}, "ReLU mask reversed: lets through only where a2 is negative", False),
    ({"f": [0.75, 1.5, 2.0], "z": [0.0, 0.0, 0.0], "mu": [-1.5, 0.5, -1.0], "log_var": [-0.375, 1.5, -0.46875]}, "masks by the sign of z instead of a2", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-0.625, -2.25, 10.25], "mu": [-2.125, -1.75, 9.25], "log_var": [-0.140625, 6.0, 0.171875]}, "masks by the sign of the incoming gradient: a ReLU applied to the gradient itself", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-4.6875, 0.75, 7.875], "mu": [-6.1875, 1.25, 6.875], "log_var": [1.382812, 0.0, 0.023438]}, "multiplies by h2 instead of the ReLU's 0 or 1", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.5, -1.0, 9.0], "mu": [-5.0, -0.5, 8.0], "log_var": [0.9375, 3.5, 0.09375]}, "W4 not transposed on the way back", False),
    ({"f": [0.75, 1.5, 2.0], "z": [2.125, 4.25, 7.25], "mu": [0.625, 4.75, 6.25], "log_var": [-1.171875, -7.0, -0.015625]}, "W3 not transposed on the way back", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-3.625, 1.5, 4.25], "log_var": [0.984375, -1.5, -0.203125]}, "mu without the KL's part: only what came through z", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [1.359375, -3.0, 0.265625]}, "log_var without the KL's derivative", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-2.125, 1.0, 5.25], "log_var": [0.984375, -1.5, -0.203125]}, "KL's part subtracted at mu", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-6.625, 2.5, 2.25], "log_var": [0.984375, -1.5, -0.203125]}, "2 mu as the KL's derivative", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-4.375, 1.75, 3.75], "log_var": [0.984375, -1.5, -0.203125]}, "half of mu as the KL's derivative", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [0.609375, 0.0, -0.671875]}, "KL's derivative for log_var without its half", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [1.109375, -2.5, -0.109375]}, "sigma instead of sigma squared in the KL's derivative", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [1.484375, -1.0, 0.296875]}, "-1 forgotten in the KL's derivative for log_var: half of sigma squared", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [-0.140625, -1.5, -3.484375]}, "KL differentiated by sigma instead of log_var (sigma - 1/sigma)", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [1.734375, -4.5, 0.734375]}, "sign of the KL's part turned at log_var, half of 1 - sigma squared", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [2.34375, -4.5, 0.0625]}, "half missing in what one unit of log_var does to z: sigma epsilon", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [2.34375, 0.0, 0.59375]}, "sigma missing in what log_var does to z: half epsilon", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [-1.28125, 3.0, 0.0625]}, "epsilon missing in what log_var does to z", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [0.304688, -4.5, -0.402344]}, "sigma squared in what log_var does to z", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-5.875, -2.0, 3.375], "mu": [-5.125, 2.0, 3.25], "log_var": [0.984375, -1.5, -0.203125]}, "a prior term z added to the gradient by z alone; mu and log_var right", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-1.5, 0.5, -1.0], "log_var": [-0.375, 1.5, -0.46875]}, "mu and log_var get only the KL's derivatives, nothing through z", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-5.125, 2.0, 3.25], "mu": [-3.625, 1.5, 4.25], "log_var": [0.984375, -1.5, -0.203125]}, "the entries for z and mu exchanged", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [3.9375, -1.5, -1.625]}, "derivative by sigma instead of by log_var", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [3.9375, -0.375, -3.25]}, "derivative by the variance instead of by its logarithm", False),
    ({"f": [1.75, -0.5, 5.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [0.984375, -1.5, -0.203125]}, "f itself given instead of the gradient by it", False),
    ({"f": [-0.75, -1.5, -2.0], "z": [3.625, -1.5, -4.25], "mu": [5.125, -2.0, -3.25], "log_var": [-0.984375, 1.5, 0.203125]}, "all four with reversed sign, the direction of descent", False),
    ({"f": [-0.75, -1.5, -2.0], "z": [3.625, -1.5, -4.25], "mu": [3.625, -1.5, -4.25], "log_var": [-1.734375, 4.5, -0.734375]}, "TWO: residual x - f, and no KL part at mu", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-4.0, -0.5, 8.0], "mu": [-5.5, 0.0, 7.0], "log_var": [1.125, 2.5, 0.03125]}, "TWO: no ReLU mask, and W4 untransposed", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-3.625, 1.5, 4.25], "log_var": [2.71875, -6.0, 0.53125]}, "TWO: KL's parts left out (at both mu and log_var), and sigma epsilon without its half", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [0.429688, -5.5, -0.308594]}, "TWO: sigma and sigma squared mixed up at log_var in both terms: half of sigma - 1 in the KL's, sigma squared in z's", False),
    ({"f": [1.5, 3.0, 4.0], "z": [4.25, 8.5, 14.5], "mu": [2.75, 9.0, 13.5], "log_var": [-1.96875, -15.5, 0.4375]}, "TWO: doubled residual, and W3 untransposed", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-3.625, 1.5, 4.25], "mu": [-6.625, 2.5, 2.25], "log_var": [0.609375, 0.0, -0.671875]}, "TWO: half of the KL overlooked in both derivatives, 2 mu and sigma squared - 1", False),
    ({"f": [0.75, 1.5, 2.0], "z": [2.25, -2.25, 4.5], "mu": [0.75, -1.75, 3.5], "log_var": [-2.0625, 3.75, 0.65625]}, "TWO: mask reversed, and sigma missing in what log_var does to z", False),
    ({"f": [1.75, -0.5, 5.0], "z": [-3.625, 1.5, 4.25], "mu": [-5.125, 2.0, 3.25], "log_var": [-1.28125, 3.0, 0.0625]}, "TWO: f itself given for the gradient by f, and epsilon missing at log_var", False),
    ({"f": [0.25, 0.5, 0.666667], "z": [-1.208333, 0.5, 1.416667], "mu": [0.291667, 0.0, 2.416667], "log_var": [0.078125, 0.5, -0.380208]}, "TWO: residual divided by 3, and mu of the KL subtracted", False),
    ({"f": [0.75, 1.5, 2.0], "z": [-0.625, -2.25, 10.25], "mu": [-2.125, -1.75, 9.25], "log_var": [0.234375, 4.5, 0.640625]}, "TWO: ReLU on the gradient itself, and KL missing at log_var", False),
]
BORDERLINE = [
    ({"f": [[0.75, 1.5, 2]], "z": [[-3.625, 1.5, 4.25]], "mu": [[-5.125, 2, 3.25]], "log_var": [[0.984375, -1.5, -0.203125]]}, "right numbers, each with a batch axis in front [1, 3]", None),
    ({"f": [0.75, 1.5, 2], "z": [-3.6, 1.5, 4.3], "mu": [-5.1, 2, 3.3], "log_var": [0.98, -1.5, -0.2]}, "right, but rounded to two digits", None),
    ({"f": [0.75, 1.5, 2], "z": ..., "mu": [-5.125, 2, 3.25], "log_var": [0.984375, -1.5, -0.203125]}, "z left open, others right", None),
]
