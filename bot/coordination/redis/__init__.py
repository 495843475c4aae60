"""What processes share through Redis, which never holds the only copy of anything.

Imported only where `REDIS_URL` is set. Everything here has another way to go when Redis does not
answer: limits are kept in the store, other processes are noticed by looking twice a second.
"""
