"""Provers: what would every client get, before and after a change?

One protocol (prover.py), one table (table.py) and one verdict (verdict.py) for all; a prover only says what is answered.
"""
