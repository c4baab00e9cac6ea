"""Every chapter: a package's public names, each imported from its module when it is first asked for."""

import sys
from importlib import import_module
from types import ModuleType


def lazily(package: str, **modules: str) -> None:
    """Makes the names in `modules`, module="name name …", attributes of the package, and its `__all__`.

    A figure's module and its function share a name; asked of the package, it is the function's (PEP 562's
    `__getattr__` would give whichever was there first).
    """
    home = {name: module for module, names in modules.items() for name in names.split()}

    class Package(ModuleType):
        __all__ = sorted(home)

        def __getattribute__(self, name: str):
            if name in home:
                return getattr(import_module(f"{package}.{home[name]}"), name)
            return super().__getattribute__(name)

        def __dir__(self) -> list[str]:
            return sorted({*super().__dir__(), *home})

    sys.modules[package].__class__ = Package
