"""Every chapter: what live figures share: `page` and `bundle` in Python, small modules of one idea in JavaScript."""
