"""A real Kubernetes cluster with a real CoreDNS and a real musl pod on one machine, for the tests that need them.

Import `Testbed`, `up` and `down` from `tests.testbed.cluster`; nothing is started by importing anything here.
"""
