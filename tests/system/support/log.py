"""A growing file of lines of JSON; each line is read once."""

import json
import os


class Log:
    """Starts at the file's end when `fresh`, else at its beginning."""

    def __init__(self, path, fresh=False):
        self.path = path
        self.offset = os.path.getsize(path) if fresh else 0
        self.rest = b''
        self.known = []

    def lines(self):
        """All of them, oldest first; one that is not whole yet is left."""
        with open(self.path, 'rb') as file:
            file.seek(self.offset)
            data = file.read()
        self.offset += len(data)
        *lines, self.rest = (self.rest + data).split(b'\n')
        self.known += [json.loads(line) for line in lines]
        return self.known
