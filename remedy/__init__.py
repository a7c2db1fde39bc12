"""remedy finds what makes a CoreDNS configuration break its clients, repairs it losslessly, proves the repair, applies it and undoes it.

The library never prints, prompts or exits; remedy.cli does. Nothing in this package imports textual.
"""

__version__ = "0.1.0"
