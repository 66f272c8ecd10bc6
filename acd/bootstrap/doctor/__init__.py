"""The doctor: looks at a whole installation and says, in plain words, what is not as it should be.

One check is one function in a file of its own; ``table`` lists them in the order in which they are
told. A check looks and never changes anything, works beside a running centre and without one, and
disturbs no call.
"""

from acd.bootstrap.doctor.finding import Finding, Said, Verdict
from acd.bootstrap.doctor.run import Examined, examine

__all__ = ["Examined", "Finding", "Said", "Verdict", "examine"]
