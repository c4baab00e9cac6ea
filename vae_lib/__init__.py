"""The library of *The VAE Recitation*: small modules, each explained by the chapter that its first line names."""
