"""Answers as students wrote them, one file an exercise, with the key of the mistake that they must get.

Each file has `ANSWERS`, a list of (answer, what is wrong with it, key), the key empty where the answer is right, and
an `oracle`, a right answer by another route. They import torch, numpy and the standard library alone, so that they can
be observed where no exercise is. `blind_*.py` have in the key's place whether the answer is right: nobody who wrote
them had seen a mistake's sentence.
"""
