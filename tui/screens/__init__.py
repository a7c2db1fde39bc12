"""The screens, one question each; every screen knows its name, by which its actions are found."""
