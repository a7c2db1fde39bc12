"""What screens are made of: panes that paint only the lines in view, however many there are."""
