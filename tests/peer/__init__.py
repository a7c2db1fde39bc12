"""What the peer, kubeadm's library corefile-migration, makes of a Corefile, and how far remedy's migration is the same."""
