"""Token buckets: how many calls a caller has left."""


class Bucket:
    """A bucket of `depth` calls that refills by `rate` a second, up to `depth`."""

    def __init__(self, depth, rate, now):
        self.depth = depth
        self.rate = rate
        self.level = float(depth)
        self.updated = now

    def take(self, now):
        """Takes one call. False when the bucket is empty."""
        self.level = min(self.depth, self.level + max(0.0, now - self.updated) * self.rate)
        self.updated = now
        if self.level < 1:
            return False
        self.level -= 1
        return True

    @property
    def remaining(self):
        """The whole calls left."""
        return int(self.level)

    def wait(self):
        """Seconds until the next call, at least one."""
        return max(1, int((1 - self.level) / self.rate) + 1)


class Buckets:
    """Buckets made on first use."""

    def __init__(self, limit=10000):
        self.limit = limit
        self.table = {}

    def get(self, key, depth, rate, now):
        """The bucket of this key."""
        bucket = self.table.get(key)
        if bucket is None:
            if len(self.table) >= self.limit:
                self.table.clear()
            bucket = self.table[key] = Bucket(depth, rate, now)
        return bucket
