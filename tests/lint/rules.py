"""What nobody, or hardly anybody, may call: for the checks layers and calls."""

import house

# What the functions of these folders do is given by what they are told.
PURE = ['base', 'azure', 'config', 'traffic', 'engine', 'sim']

# Calls that nobody makes: no bound, no error, or hidden state.
BANNED = '''strcpy strcat stpcpy sprintf vsprintf gets strtok atoi atol atoll
    atof rand srand rand_r drand48 system popen alloca strdupa tmpnam mktemp
    signal asctime ctime'''.split()
# The clock and the random source belong to io/clock.c.
CLOCK = '''time clock_gettime gettimeofday timespec_get ftime getrandom
    getentropy random srandom arc4random'''.split()
CLOCK_FILE = ['daemon/io/clock.c']
# Files and sockets belong to io; the client has a socket of its own.
OUTSIDE = '''open openat open64 creat fopen fdopen freopen socket connect bind
    listen accept accept4 opendir unlink rename'''.split()
OUTSIDE_FOLDERS = ['io', 'ctl']
# What would make a pure function wait, or depend on where it runs.
IMPURE = '''sleep usleep nanosleep poll select epoll_wait fork execve
    posix_spawn getenv setenv localtime localtime_r mktime sysconf
    gethostname mkdir stat lstat chmod umask'''.split()


def barred(path):
    """(names, why) of what a file may not call."""
    folder = house.place(path)[0]
    yield BANNED, 'is banned'
    if path not in CLOCK_FILE:
        yield CLOCK, 'may only be called in io/clock.c'
    if folder not in OUTSIDE_FOLDERS:
        yield OUTSIDE, 'may only be called in io/'
    if folder in PURE:
        yield IMPURE, f'may not be called in {folder}/'
