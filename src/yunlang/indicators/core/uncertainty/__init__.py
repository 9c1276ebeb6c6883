"""How sure a ranking is: every choice behind it varied at once, and which choice matters."""
