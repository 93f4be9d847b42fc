"""Published releases: stored by digest, signed, withdrawn; and what is known of each.

`records` reads them: the store and the ledger in the registry account, the public key in the
tooling account. `publish` writes to the store, `withdraw` to the ledger.
"""
