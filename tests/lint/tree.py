"""What the lints share: the files of the source tree, and how a result is said (TAP)."""
import os
import sys

sys.dont_write_bytecode = True
ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir))


def files(*tops, suffixes=('',)):
    """Paths from the root of all files under these folders, build folders and hidden ones left out."""
    found = []
    for top in tops:
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders[:] = sorted(f for f in folders if not f.startswith('.git') and f != '__pycache__' and
                                f != 'try' and not os.path.exists(os.path.join(folder, f, 'build.ninja')) and
                                not os.path.exists(os.path.join(folder, f, 'meson-private')))
            found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in sorted(names) if n.endswith(suffixes)]
    return found


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8', errors='replace') as f:
        return f.read()


class Tap:
    """Collects tests: each is a sentence and the lines that contradict it."""

    def __init__(self):
        self.n = self.failed = 0

    def test(self, sentence, faults):
        self.n += 1
        self.failed += bool(faults)
        print(f"{'not ' if faults else ''}ok {self.n} - {sentence}")
        for fault in faults:
            print('# ' + fault)

    def end(self):
        print(f'1..{self.n}')
        sys.exit(1 if self.failed else 0)
