"""How large an experiment has to be: sizes, power and lengths from what the log itself has shown, tried on the past."""
