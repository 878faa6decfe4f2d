"""How far people agree beyond chance, with intervals. For workers and commands: loads arrays."""
