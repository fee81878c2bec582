"""Files in the state directory: the only place that is written to.

The directory is made when the first file is, with what is missing above it,
for the owner alone. A file is replaced as a whole, so an end at any moment
leaves the old one or the new one.
"""
import errno
import os

SEED = b"pyxor.seed"
SIZE = 32


def _read(path):
    """The old seed; b"" for a missing or damaged one."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        old = os.read(fd, SIZE + 1)
    finally:
        os.close(fd)
    return old if len(old) == SIZE else b""


def fresh_seed(directory):
    """A seed that depends on those of all earlier runs, for nonces: a system
    that repeats its random numbers after start does not repeat ours. Raises
    OSError when the directory cannot be used."""
    import hashlib  # pylint: disable=import-outside-toplevel
    if directory is None:
        raise FileNotFoundError(errno.ENOENT, "no state location is given")
    # makedirs() gives the mode to the last directory only.
    mask = os.umask(0o077)
    try:
        os.makedirs(directory, 0o700, exist_ok=True)
    finally:
        os.umask(mask)
    path = os.path.join(directory, SEED)
    new = hashlib.sha256(_read(path) + os.urandom(SIZE)).digest()
    # Client and server may start at once with the same directory.
    partial = path + b"." + os.urandom(8).hex().encode()
    fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL
                 | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, new)
        os.rename(partial, path)
    except OSError:
        os.unlink(partial)
        raise
    finally:
        os.close(fd)
    return new
