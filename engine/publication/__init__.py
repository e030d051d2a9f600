"""Result directories: what lies where, written whole or not at all, and read again."""
