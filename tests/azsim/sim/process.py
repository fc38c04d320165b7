"""Runs the openssl command, the only program azsim needs beside Python."""
import subprocess


def openssl(*arguments, data=None):
    """The standard output of one openssl call; RuntimeError with its complaint if it fails."""
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    if done.returncode != 0:
        complaint = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"openssl {arguments[0]}: {complaint}")
    return done.stdout
