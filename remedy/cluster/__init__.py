"""The cluster that a live Corefile belongs to, behind one door; remedy/cluster/api.py alone uses the kubernetes client."""
