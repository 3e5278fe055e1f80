"""Run as a script in a process of its own: lines in, lines out, until the input ends.

The process that started it may be killed: then the input ends, and so does this.
"""

import os
import sys

from rules.backtest import answers

_NICE = 5  # requests come first

if __name__ == "__main__":
    os.nice(_NICE)
    for answer in answers(iter(sys.stdin.readline, "")):
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
